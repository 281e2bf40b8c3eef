export { openUnitStore, type StorePlace, type UnitStore } from './node/unit-store.js';
export {
  MissingSdkError,
  NoStoredPlanError,
  OtherStoredPlanError,
  StoreAddressError,
  StoreError,
} from './store-errors.js';
