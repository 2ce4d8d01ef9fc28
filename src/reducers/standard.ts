import { numpyReducers } from "../numpy/reducers.ts";
import { arrayReducers } from "./array.ts";
import { builtinsReducers } from "./builtins.ts";
import { codecsEncode } from "./codecs.ts";
import { collectionsReducers } from "./collections.ts";
import { copyregReducers } from "./copyreg.ts";
import { datetimeReducers } from "./datetime.ts";
import { dateutilReducers } from "./dateutil.ts";
import { decimalReducers } from "./decimal.ts";
import { exceptionReducers } from "./exceptions.ts";
import { fractionsReducers } from "./fractions.ts";
import { functoolsReducers } from "./functools.ts";
import { ipaddressReducers } from "./ipaddress.ts";
import { operatorReducers } from "./operator.ts";
import { pathlibReducers } from "./pathlib.ts";
import { pytzReducers } from "./pytz.ts";
import { randomReducers } from "./random.ts";
import { reReducers } from "./re.ts";
import type { Reducer } from "./reducer.ts";
import { timeReducers } from "./time.ts";
import { typesReducers } from "./types.ts";
import { uuidReducers } from "./uuid.ts";
import { zoneinfoReducers } from "./zoneinfo.ts";

/** Python's standard library, numpy's arrays, and the zones of pytz and dateutil: the default of the root's functions. */
export const standardReducers: readonly Reducer[] = /* @__PURE__ */ builtinsReducers.concat(
	exceptionReducers,
	copyregReducers,
	collectionsReducers,
	codecsEncode,
	datetimeReducers,
	zoneinfoReducers,
	pytzReducers,
	dateutilReducers,
	decimalReducers,
	fractionsReducers,
	uuidReducers,
	pathlibReducers,
	ipaddressReducers,
	arrayReducers,
	operatorReducers,
	functoolsReducers,
	reReducers,
	typesReducers,
	timeReducers,
	randomReducers,
	numpyReducers,
);
