import type { Manifest } from "../render/manifest.ts";
import type { KindReference, Selection } from "./cluster.ts";
import type { ApiRequest, ApiResponse } from "./transport.ts";
import type { ListedPage } from "./watch.ts";

/** Objects of one page of a list. */
const PAGE = "500";

/** How lists are asked for: whole objects, or nothing but their metadata. */
export const LISTED = { whole: "application/json", metadata: "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1" } as const;

interface ListRequest extends Pick<ApiRequest, "path" | "subject"> {
  /** One of {@link LISTED}. */
  readonly accept: string;
  readonly kind: KindReference;
  readonly selection: Selection;
}

/** Reads a list page by page, each object with its kind. */
export async function* listPages(send: (request: ApiRequest) => Promise<ApiResponse>, { kind, selection, ...rest }: ListRequest): AsyncGenerator<ListedPage, void, undefined> {
  let next: string | undefined;
  do {
    const response = await send({ method: "GET", query: { ...selectors(selection), limit: PAGE, continue: next }, ...rest });
    const page: ListPage = JSON.parse(response.body);
    // Items of a list come without their own kind.
    const items = (page.items ?? []).map((item) => Object.assign(item, { apiVersion: kind.apiVersion, kind: kind.kind }));
    yield { items, resourceVersion: page.metadata.resourceVersion };
    next = page.metadata.continue;
  } while (next);
}

/** A selection as the API server takes it. */
export function selectors({ labelSelector, fieldSelector }: Selection): Record<string, string | undefined> {
  return { labelSelector, fieldSelector };
}

interface ListPage {
  /** Null in an empty list of metadata. */
  readonly items: Manifest[] | null;
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
}
