export {
  type CheckedCoordinate,
  type CoordinateCheck,
  checkCoordinates,
  SLOPE_TOLERANCE,
} from './coordinate-check.js';
export type { CoordinateSizes, MeasureCoordinatesOptions } from './measure-coordinates.js';
