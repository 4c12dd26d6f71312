// Opens a document for a link: shared by the two ways to a document.
import type { Documents, OpenDocument } from '../documents/hub.ts';
import type { Link } from '../documents/link.ts';
import type { SignedIn } from '../kernel/caller.ts';
import type { DocumentRight, DocumentRights } from '../kernel/document-rights.ts';

export interface DocumentPorts {
  readonly documents: Documents;
  readonly rights: DocumentRights;
  /** Told the path of each file that somebody opens. */
  readonly onOpened?: (path: string) => void;
}

export interface OpenRequest {
  readonly who: SignedIn;
  readonly fileId: string;
  readonly linkOf: (right: DocumentRight) => Link;
  /** The end of what may yet seat them in the room, if that is under way. */
  readonly arrival?: Promise<unknown> | undefined;
}

/** By whom and by what a connection lives, for the registry of sign-ins. */
export function liveBy({ user, session }: SignedIn) {
  return { userId: user.id, signInId: session?.id, expiresAt: session?.expiresAt };
}

/**
 * Looks the right up and opens the document, and looks the right up once more if rights changed meanwhile: what was found
 * may be older than what the link has been given.
 * @throws AppError as DocumentRights.find and Documents.open
 */
export async function openDocument(ports: DocumentPorts, request: OpenRequest): Promise<OpenDocument> {
  const { who, fileId, linkOf } = request;
  let { grants } = ports.documents;
  const right = await findRight(ports.rights, request);
  const link = linkOf(right);
  const open = await ports.documents.open(fileId, link);
  ports.onOpened?.(right.path);
  try {
    while (grants !== ports.documents.grants) {
      ({ grants } = ports.documents);
      const now = await ports.rights.find(who, fileId);
      if (grants === ports.documents.grants) open.grant({ role: now.person.role, canWrite: now.canWrite });
    }
    return open;
  } catch (error) {
    open.close();
    throw error;
  }
}

/** Who has a seat already, as those who come back, need not wait until it is written down that they came. */
async function findRight(rights: DocumentRights, { who, fileId, arrival }: OpenRequest): Promise<DocumentRight> {
  if (arrival) {
    // Whatever was wrong, the look-up after the arrival says so.
    const early = await rights.find(who, fileId).catch(() => undefined);
    if (early?.seated) return early;
    await arrival;
  }
  return rights.find(who, fileId);
}
