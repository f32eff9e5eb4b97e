import type { Agent } from "../spec/agent.ts";
import type { Fleet } from "../spec/fleet.ts";
import { constant } from "./constant.ts";

type Labels = Readonly<Record<string, string>>;

/** The labels that Services, policies and Deployments select an agent's pods by. A Deployment's selector is immutable. */
export function selectorLabels(agent: Agent): Labels {
  return { "app.kubernetes.io/name": "openclaw", "app.kubernetes.io/instance": agent.metadata.name };
}

/** The labels of an agent's pods: the recommended ones only, so that a label added in agent.yaml restarts nothing. */
export function podLabels(fleet: Fleet, agent: Agent): Labels {
  return {
    ...selectorLabels(agent),
    "app.kubernetes.io/component": "agent",
    "app.kubernetes.io/part-of": fleet.metadata.name,
    "app.kubernetes.io/managed-by": "frota",
  };
}

/** The labels of an agent's objects: the agent's own, and beneath nothing but ours. */
export function agentLabels(fleet: Fleet, agent: Agent): Labels {
  const found = known.get(agent);
  if (found?.fleet === fleet) return found.labels;
  const labels = constant({ ...agent.metadata.labels, ...podLabels(fleet, agent) });
  known.set(agent, { fleet, labels });
  return labels;
}

/** Each of an agent's objects has them. */
const known = new WeakMap<Agent, { readonly fleet: Fleet; readonly labels: Labels }>();

/** The labels of the fleet's own objects in its namespace. */
export function fleetLabels(fleet: Fleet): Labels {
  return { ...fleet.metadata.labels, ...clusterLabels(), "app.kubernetes.io/part-of": fleet.metadata.name };
}

/** The labels of objects that every fleet of a cluster shares: nothing in them names a fleet. */
export function clusterLabels(): Labels {
  return {
    "app.kubernetes.io/name": "openclaw",
    "app.kubernetes.io/component": "fleet",
    "app.kubernetes.io/part-of": "frota",
    "app.kubernetes.io/managed-by": "frota",
  };
}

/** The labels that the pods of a fleet's controller are selected by, here and in its agents' network policies. */
export function controllerSelectorLabels(fleetNamespace: string): Labels {
  return { "app.kubernetes.io/name": "frota-controller", "app.kubernetes.io/instance": fleetNamespace };
}

/** The labels of the objects of a fleet's controller. */
export function controllerLabels(fleetNamespace: string): Labels {
  return {
    ...controllerSelectorLabels(fleetNamespace),
    "app.kubernetes.io/component": "controller",
    "app.kubernetes.io/part-of": "frota",
    "app.kubernetes.io/managed-by": "frota",
  };
}
