/** The functions of a kernel, with the memory that they work in. */
export type Kernel<Functions> = Functions & {
  readonly memory: { readonly buffer: ArrayBuffer };
  /** Makes the memory at least so many bytes long; views of it made before must not be used after. */
  room(bytes: number): void;
};

/** What is used of WebAssembly, which the types of Node do not describe. */
interface Wasm {
  validate(code: Uint8Array): boolean;
  readonly Memory: new (options: { readonly initial: number }) => { readonly buffer: ArrayBuffer; grow(pages: number): number };
  readonly Module: new (code: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
}

const PAGE = 65_536;

/** Makes kernels of a module of `wasmModule`, each with a memory of its own; undefined where there is no WebAssembly, or none of 128 bits. */
export function compileKernel<Functions extends object>(code: Uint8Array): (() => Kernel<Functions>) | undefined {
  const wasm = (globalThis as { readonly WebAssembly?: Wasm }).WebAssembly;
  if (!wasm?.validate(code)) return undefined;
  const module = new wasm.Module(code);
  return () => {
    const memory = new wasm.Memory({ initial: 1 });
    const functions = new wasm.Instance(module, { env: { memory } }).exports as Functions;
    return {
      ...functions,
      memory,
      room(bytes) {
        const missing = bytes - memory.buffer.byteLength;
        if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
      },
    };
  };
}
