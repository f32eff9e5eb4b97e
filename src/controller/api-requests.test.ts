import { expect, test } from "vitest";
import { apiRequestLabels } from "./api-requests.ts";

const answer = (method: "GET" | "POST" | "PATCH" | "DELETE", path: string, isWatch = false) => ({ method, path, isWatch, status: 200 });

test.each([
  [answer("GET", "/api/v1/namespaces/bots/pods"), "list pods"],
  [answer("GET", "/api/v1/namespaces/bots/pods", true), "watch pods"],
  [answer("PATCH", "/apis/apps/v1/namespaces/bots/deployments/clovis"), "patch deployments"],
  [answer("PATCH", "/apis/frota.dev/v1alpha1/namespaces/bots/agents/clovis/status"), "patch agents/status"],
  [answer("GET", "/api/v1/persistentvolumes/pvc-1"), "get persistentvolumes"],
  [answer("GET", "/api/v1/namespaces/bots"), "get namespaces"],
  [answer("POST", "/api/v1/namespaces/bots/events"), "create events"],
  [answer("GET", "/apis/frota.dev/v1alpha1"), "list discovery"],
])("%j", (given, expected) => {
  const { verb, kind, code } = apiRequestLabels(given);
  expect(`${verb} ${kind}`).toBe(expected);
  expect(code).toBe("200");
});
