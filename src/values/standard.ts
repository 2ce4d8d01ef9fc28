/* What Python's standard library has that JavaScript has no type for. */
export { PyArray, type PyArrayData } from "./array.ts";
export { PyGetter, PyPartial, PyPattern } from "./callables.ts";
export {
	PyChainMap,
	PyCounter,
	PyDefaultDict,
	PyDeque,
	PySimpleNamespace,
	PyUserDict,
	PyUserList,
	PyUserString,
} from "./containers.ts";
export { type DateTimeFields, PyDate, PyDateTime, PyTime, type TimeFields } from "./datetime.ts";
export { type DecimalExponent, PyDecimal, PyFraction } from "./decimal.ts";
export { PyException } from "./exceptions.ts";
export { type IpType, type PathType, PyIp, PyPath, PyUUID, type UuidSafety } from "./identifiers.ts";
export { PyRandom, PyStructTime } from "./records.ts";
export { PyTimeDelta } from "./timedelta.ts";
export { PyDateutilZone, PyPytzZone, PyTimeZone, PyZone, PyZoneInfo } from "./zones.ts";
