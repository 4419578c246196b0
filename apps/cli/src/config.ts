/** The only place of the command line that reads the environment. */
export interface CliEnvironment {
  /** A running resift server to talk to instead of opening the data folder here. */
  readonly server: string | undefined;
  readonly apiKey: string | undefined;
  readonly port: string;
  readonly colour: boolean;
}

export function cliEnvironment(): CliEnvironment {
  const { RESIFT_SERVER, RESIFT_API_KEY, PORT, NO_COLOR, FORCE_COLOR } = process.env;
  return {
    server: RESIFT_SERVER || undefined,
    apiKey: RESIFT_API_KEY || undefined,
    port: PORT || '3000',
    colour: Boolean(FORCE_COLOR) || (process.stdout.isTTY === true && !NO_COLOR),
  };
}
