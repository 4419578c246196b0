import type { HubOptions } from '@resift/models/hub-model';

/** The only place of the command line that reads the environment. */
export interface CliEnvironment {
  /** A running resift server to talk to instead of opening the data folder here. */
  readonly server: string | undefined;
  readonly apiKey: string | undefined;
  readonly port: string;
  readonly colour: boolean;
  /** Key and address of a hosted teacher (`resift distil`). */
  readonly teacherKey: string | undefined;
  readonly teacherUrl: string | undefined;
  /** The Python environment of the training package, and the package's folder where it is not this clone's. */
  readonly venv: string;
  readonly training: string | undefined;
}

export function cliEnvironment(): CliEnvironment {
  const { RESIFT_SERVER, RESIFT_API_KEY, PORT, NO_COLOR, FORCE_COLOR } = process.env;
  const { RESIFT_TEACHER_KEY, RESIFT_TEACHER_URL, RESIFT_VENV, RESIFT_TRAINING } = process.env;
  return {
    server: RESIFT_SERVER || undefined,
    apiKey: RESIFT_API_KEY || undefined,
    port: PORT || '3000',
    colour: Boolean(FORCE_COLOR) || (process.stdout.isTTY === true && !NO_COLOR),
    teacherKey: RESIFT_TEACHER_KEY || undefined,
    teacherUrl: RESIFT_TEACHER_URL || undefined,
    venv: RESIFT_VENV || '/opt/resift/venv',
    training: RESIFT_TRAINING || undefined,
  };
}

/** Where models come from and where they are kept, under the names that Hugging Face's own tools read. */
export function hubSettings(cacheDir: string | undefined): HubOptions {
  const { HF_ENDPOINT, HF_TOKEN, HF_HUB_OFFLINE, RESIFT_MODELS_DIR } = process.env;
  return {
    endpoint: HF_ENDPOINT || undefined,
    token: HF_TOKEN || undefined,
    offline: /^(1|on|yes|true)$/i.test(HF_HUB_OFFLINE ?? ''),
    cacheFolder: cacheDir || RESIFT_MODELS_DIR || undefined,
  };
}
