import { apiError, type RequestSubject } from "./api-error.ts";
import type { LogOptions } from "./cluster.ts";
import type { Connection } from "./kubeconfig.ts";
import { linesOf, open } from "./transport.ts";

function text(value: boolean | number | undefined): string | undefined {
  return value === undefined ? undefined : String(value);
}

/** See `Cluster.podLogs`. */
export async function* readLog(
  connection: Connection,
  pod: { readonly namespace: string; readonly name: string },
  options: LogOptions,
  subject: RequestSubject,
): AsyncGenerator<string, void, undefined> {
  const response = await open(connection, {
    method: "GET",
    path: `/api/v1/namespaces/${encodeURIComponent(pod.namespace)}/pods/${encodeURIComponent(pod.name)}/log`,
    query: {
      container: options.container,
      follow: text(options.follow),
      previous: text(options.previous),
      tailLines: text(options.tailLines),
      sinceSeconds: text(options.sinceSeconds),
      sinceTime: options.sinceTime,
      timestamps: text(options.timestamps),
    },
    subject,
    ...(options.signal ? { signal: options.signal } : {}),
  });
  if (response.statusCode !== 200) {
    let body = "";
    for await (const chunk of response) body += String(chunk);
    throw apiError(response.statusCode ?? 0, body, subject);
  }
  yield* linesOf(response, subject, options.signal);
}
