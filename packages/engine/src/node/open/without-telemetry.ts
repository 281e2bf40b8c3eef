/**
 * Keeps ONNX Runtime from reporting on its user. From version 1.29 on it matches the command line of the
 * process with a recursive regular expression when its first session is made. That overflows the stack of its
 * thread at about 14 kB and kills the process. It also sends events to its vendor. It reads the variable
 * once, when it is loaded.
 */
export const withoutTelemetry = (environment: NodeJS.ProcessEnv = process.env): void => {
  environment['ORT_DISABLE_TELEMETRY'] = '1';
};
