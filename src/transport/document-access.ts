// Opens a document for a link: shared by the two ways to a document.
import type { Documents, OpenDocument } from '../documents/hub.ts';
import type { Link } from '../documents/link.ts';
import type { SignedIn } from '../kernel/caller.ts';
import type { DocumentRight, DocumentRights } from '../kernel/document-rights.ts';
import { AppError } from '../protocol/errors.ts';
import type { Arrivals } from './arrivals.ts';

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
  /** The rooms that the connection is on its way into. */
  readonly arrivals: Arrivals;
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
  const { who, fileId, linkOf, arrivals } = request;
  let { grants } = ports.documents;
  const right = await ports.rights.find(who, fileId, (roomId) => arrivals.partIn(roomId));
  const link = linkOf(right);
  const open = await ports.documents.open(fileId, link);
  ports.onOpened?.(right.path);
  try {
    while (grants !== ports.documents.grants) {
      ({ grants } = ports.documents);
      await arrivals.over();
      const now = await ports.rights.find(who, fileId);
      if (grants === ports.documents.grants) open.grant({ role: now.person.role, canWrite: now.canWrite });
    }
    return open;
  } catch (error) {
    open.close();
    throw error;
  }
}

/**
 * As `openDocument`, by the address of the file.
 * @throws AppError `not_found` for a file that is not there, and for one that they may not read
 */
export async function openDocumentAt(
  ports: DocumentPorts,
  { roomCode, path, ...request }: Omit<OpenRequest, 'fileId'> & { readonly roomCode: string; readonly path: string },
): Promise<OpenDocument> {
  const missing = () => new AppError('not_found', 'There is no such file in this room.');
  const fileId = await ports.rights.fileAt(roomCode, path);
  if (fileId === undefined) throw missing();
  return openDocument(ports, { ...request, fileId }).catch((error: unknown) => {
    throw isHidden(error) ? missing() : error;
  });
}

/** Who may not read a file does not learn that there is one. */
function isHidden(error: unknown): boolean {
  return error instanceof AppError && Object(error.details).reason === 'path';
}
