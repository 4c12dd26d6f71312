// Records of the server, for its administrators: who changed what, and what was refused or looked suspicious.
import '../styles/administration.css';
import { useEffect, useMemo } from 'preact/hooks';
import type { CommandOutput } from '../../client/index.ts';
import { client } from '../session.ts';
import { ago, fullTime } from '../ui/times.ts';
import { ListEnd } from './list-end.tsx';
import { openPages } from './pages.ts';

type AuditEntry = CommandOutput<'audit.list'>['entries'][number];
type SecurityEvent = CommandOutput<'security.list'>['events'][number];

export function ChangesSection() {
  const pages = useMemo(() => openPages<AuditEntry>(), []);
  useEffect(() => {
    void pages.ask(async (cursor) => {
      const { entries, nextCursor } = await client().call('audit.list', cursor ? { cursor } : {});
      return { items: entries, nextCursor };
    });
  }, []);
  return (
    <>
      <ul class="record-list" aria-label="Changes">
        {pages.items.value?.map((each) => (
          <li key={each.id}>
            <details>
              <summary>
                <code>{each.action}</code>
                <span class="hint" title={fullTime(each.at)}>
                  {ago(each.at)}
                </span>
              </summary>
              <Values values={detailsOf(each)} />
            </details>
          </li>
        ))}
      </ul>
      <ListEnd pages={pages} none="Nothing was changed yet." />
    </>
  );
}

function detailsOf({ userId, roomId, resourceType, resourceId, address, oldValues, newValues }: AuditEntry) {
  const what = resourceType && `${resourceType} ${resourceId ?? ''}`;
  return { by: userId, what, room: roomId, address, before: oldValues, after: newValues };
}

export function SecuritySection() {
  const pages = useMemo(() => openPages<SecurityEvent>(), []);
  useEffect(() => {
    void pages.ask(async (cursor) => {
      const { events, nextCursor } = await client().call('security.list', cursor ? { cursor } : {});
      return { items: events, nextCursor };
    });
  }, []);
  return (
    <>
      <ul class="record-list" aria-label="Security events">
        {pages.items.value?.map((each) => (
          <li key={each.id}>
            <details>
              <summary>
                <span class={`severity ${each.severity}`}>{each.severity}</span>
                <code>{each.type}</code>
                <span class="hint" title={fullTime(each.at)}>
                  {ago(each.at)}
                </span>
              </summary>
              <Values values={{ user: each.userId, room: each.roomId, address: each.address, data: each.data }} />
            </details>
          </li>
        ))}
      </ul>
      <ListEnd pages={pages} none="Nothing suspicious so far." />
    </>
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
