/** What goes into a model. `Int32Array` is widened to int64 where the model asks for it. */
export interface Feed {
  readonly dims: readonly number[];
  readonly data: Int32Array | Float32Array;
}

export type Feeds = Readonly<Record<string, Feed>>;

/** What comes out of a model, row by row. */
export interface OutputTensor {
  readonly dims: readonly number[];
  readonly data: Float32Array<ArrayBuffer>;
}

export type Outputs = Readonly<Record<string, OutputTensor>>;

export interface WorkerSettings {
  /** What the worker imports to get ONNX Runtime. */
  readonly runtime: string;
  readonly memoryArena: boolean;
  /** Where models run, the first that can. */
  readonly executionProviders: readonly string[];
}

export type WorkerRequest =
  | { readonly kind: 'load'; readonly model: number; readonly source: Uint8Array | string }
  | { readonly kind: 'run'; readonly model: number; readonly batches: readonly Feeds[]; readonly outputs: readonly string[] | undefined }
  | { readonly kind: 'drop'; readonly model: number };

export type WorkerReply =
  | { readonly kind: 'loaded'; readonly inputs: readonly string[]; readonly outputs: readonly string[] }
  | { readonly kind: 'ran'; readonly outputs: readonly Outputs[] }
  | { readonly kind: 'dropped' }
  | { readonly kind: 'failed'; readonly during: 'import' | 'load' | 'run'; readonly message: string };
