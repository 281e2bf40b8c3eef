export { type CachedModel, cachedModelList } from './cached-model-list.js';
export {
  DownloadMismatchError,
  HubAccessError,
  HubEntryNotFoundError,
  HubProtocolError,
  HubUnavailableError,
  ModelNotFoundError,
  OfflineModelError,
} from './errors.js';
export { isHubId, type ResolvedModel, type ResolveModelOptions, resolveModel } from './resolve-model.js';
