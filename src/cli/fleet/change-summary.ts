import { hasChanges, type ChangeSet, type ObjectChange, type ObjectId } from "../../plan/change-set.ts";

/** One line: how many objects and agents change. */
export function summaryLine(changes: ChangeSet): string {
  if (!hasChanges(changes)) return "No changes: the cluster is what the files say.";
  const count = (action: ObjectChange["action"]) => changes.objects.filter((change) => change.action === action).length;
  const restarts = changes.agents.filter((agent) => agent.action === "restart").map((agent) => agent.name);
  const created = changes.agents.filter((agent) => agent.action === "create" && !agent.isReturning).map((agent) => agent.name);
  const returning = changes.agents.filter((agent) => agent.isReturning).map((agent) => agent.name);
  return [
    `${count("created")} to create, ${count("configured")} to change, ${count("unchanged")} unchanged.`,
    created.length > 0 ? ` New agents: ${created.join(", ")}.` : "",
    returning.length > 0 ? ` Agents that return on their volumes: ${returning.join(", ")}.` : "",
    restarts.length > 0 ? ` Restarts, one after another: ${restarts.join(", ")}.` : " No running agent restarts.",
  ].join("");
}

/** `Deployment clovis` */
export function idText({ kind, name }: ObjectId): string {
  return `${kind} ${name}`;
}
