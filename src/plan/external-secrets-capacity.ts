/** What decides how many secrets the External Secrets Operator refreshes in a minute. Its flags of the same names. */
export interface OperatorLimits {
  /** Syncs at the same time. */
  readonly concurrent: number;
  /** Requests a second to the API server. */
  readonly clientQps: number;
  readonly clientBurst: number;
}

/** Version 0.20's own, where nothing is set. */
export const OPERATOR_DEFAULTS: OperatorLimits = { concurrent: 1, clientQps: 50, clientBurst: 100 };

/**
 * What so many agents need, each refreshed every minute. A sync logs in to Vault and reads: a tenth of a second, or half of one where Vault is
 * slow, so that one worker does 100 a minute in any case. Each makes about four requests to the API server: a fifteenth a second for
 * each agent.
 */
export function operatorNeeds(agents: number): OperatorLimits {
  const clientQps = Math.max(OPERATOR_DEFAULTS.clientQps, Math.ceil(agents / 15));
  return { concurrent: Math.max(OPERATOR_DEFAULTS.concurrent, Math.ceil(agents / 100)), clientQps, clientBurst: 2 * clientQps };
}

/** The limits that arguments set, over the operator's own: `--concurrent=5` or `--concurrent 5`. */
export function operatorLimits(args: readonly string[]): OperatorLimits {
  const numberOf = (flag: string): number | undefined => {
    const index = args.findIndex((arg) => arg === flag || arg.startsWith(`${flag}=`));
    const text = args[index]?.includes("=") ? args[index].slice(flag.length + 1) : args[index + 1];
    return index === -1 || text === undefined || Number.isNaN(Number(text)) ? undefined : Number(text);
  };
  return {
    concurrent: numberOf("--concurrent") ?? OPERATOR_DEFAULTS.concurrent,
    clientQps: numberOf("--client-qps") ?? OPERATOR_DEFAULTS.clientQps,
    clientBurst: numberOf("--client-burst") ?? OPERATOR_DEFAULTS.clientBurst,
  };
}

/** The flags, as they are written, that are below what is needed. */
export function operatorShortfalls(limits: OperatorLimits, needs: OperatorLimits): string[] {
  return [
    ...(limits.concurrent < needs.concurrent ? [`--concurrent=${needs.concurrent}`] : []),
    ...(limits.clientQps < needs.clientQps ? [`--client-qps=${needs.clientQps}`] : []),
    ...(limits.clientBurst < needs.clientBurst ? [`--client-burst=${needs.clientBurst}`] : []),
  ];
}
