import { ResiftError } from '@resift/core';

/** How to get an execution provider that onnxruntime-node does not bring along. */
const INSTALL: Readonly<Record<string, string>> = {
  cuda: 'CUDA needs Linux on x64, CUDA 12 with cuDNN 9, and `npm install onnxruntime-node --onnxruntime-node-install=cuda12`',
  tensorrt: 'TensorRT needs Linux on x64, TensorRT 10, and `npm install onnxruntime-node --onnxruntime-node-install=cuda12`',
  webgpu: 'WebGPU needs a graphics card with its Vulkan, Metal or DirectX driver',
  dml: 'DirectML is there on Windows only',
  coreml: 'Core ML is there on macOS only',
};
const PROVIDER_FAILED = /backend not found|no available backend|ExecutionProvider|WebGPU|lib\w*_providers_/i;

/** Why a model could not be loaded: the file, or that what it should run on is not there. */
export function loadError(message: string, name: string, executionProviders: readonly string[]): ResiftError {
  const wanted = executionProviders.filter((provider) => provider !== 'cpu');
  if (wanted.length === 0 || !PROVIDER_FAILED.test(message)) {
    return new ResiftError('corrupt', `ONNX Runtime cannot load ${name}: ${message}`, { details: { file: name } });
  }
  const hints = wanted.map((provider) => INSTALL[provider] ?? `"${provider}" is unknown here`).join('. ');
  return new ResiftError(
    'unavailable',
    `ONNX Runtime cannot run ${name} on ${wanted.join(', ')}: ${hints}. Or leave \`executionProviders\` out to run on the CPU. (${message})`,
    { details: { reason: 'unavailable', executionProviders } },
  );
}
