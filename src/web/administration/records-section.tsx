// Records of the server, for its administrators: who changed what, and what was refused or looked suspicious.
import '../styles/administration.css';
import type { ComponentChildren } from 'preact';
import type { CommandOutput } from '../../client/index.ts';
import { client } from '../session.ts';
import { usePages } from '../state/pages.ts';
import { PagedList } from '../ui/paged-list.tsx';
import { ago, fullTime } from '../ui/times.ts';

type AuditEntry = CommandOutput<'audit.list'>['entries'][number];
type SecurityEvent = CommandOutput<'security.list'>['events'][number];

export function ChangesSection() {
  const pages = usePages<AuditEntry>(async (cursor) => {
    const { entries, nextCursor } = await client().call('audit.list', cursor ? { cursor } : {});
    return { items: entries, nextCursor };
  });
  return (
    <PagedList pages={pages} what="the changes" none="Nothing was changed yet.">
      {(entries) => (
        <ul class="record-list" aria-label="Changes">
          {entries.map((each) => (
            <Entry key={each.id} at={each.at} values={detailsOf(each)}>
              <code>{each.action}</code>
            </Entry>
          ))}
        </ul>
      )}
    </PagedList>
  );
}

function detailsOf({ userId, roomId, resourceType, resourceId, address, oldValues, newValues }: AuditEntry) {
  const what = resourceType && `${resourceType} ${resourceId ?? ''}`;
  return { by: userId, what, room: roomId, address, before: oldValues, after: newValues };
}

export function SecuritySection() {
  const pages = usePages<SecurityEvent>(async (cursor) => {
    const { events, nextCursor } = await client().call('security.list', cursor ? { cursor } : {});
    return { items: events, nextCursor };
  });
  return (
    <PagedList pages={pages} what="the security events" none="Nothing suspicious so far.">
      {(events) => (
        <ul class="record-list" aria-label="Security events">
          {events.map(({ id, at, type, severity, userId, roomId, address, data }) => (
            <Entry key={id} at={at} values={{ user: userId, room: roomId, address, data }}>
              <span class={`severity ${severity}`}>{severity}</span>
              <code>{type}</code>
            </Entry>
          ))}
        </ul>
      )}
    </PagedList>
  );
}

interface EntryProps {
  readonly at: string;
  readonly values: Readonly<Record<string, unknown>>;
  /** What it is, in a line. */
  readonly children: ComponentChildren;
}

function Entry({ at, values, children }: EntryProps) {
  return (
    <li>
      <details>
        <summary>
          {children}
          <span class="hint" title={fullTime(at)}>
            {ago(at)}
          </span>
        </summary>
        <Values values={values} />
      </details>
    </li>
  );
}

function Values({ values }: { values: Readonly<Record<string, unknown>> }) {
  return (
    <dl class="record-values">
      {Object.entries(values)
        .filter(([, value]) => value !== null && value !== undefined)
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{typeof value === 'object' ? JSON.stringify(value) : String(value)}</dd>
          </div>
        ))}
    </dl>
  );
}
