/* What names in pickles stand for, and which of them are gone. */

const CARE = "read this file with care";
const IN_MAIN = "defined in the script that wrote the file; the reader needs the same name in its own __main__";
const ELSEWHERE = "a class or function that the reader must be able to import";

/** What a class or function is, by its dotted name; the first that fits. */
const meanings: readonly (readonly [RegExp, string])[] = [
	[/^numpy\._?core\.multiarray\._reconstruct$/, "makes an empty numpy array, which its state then fills"],
	[/^numpy\._?core\.multiarray\.scalar$/, "makes a numpy scalar"],
	[/^numpy\._?core\.numeric\._frombuffer$/, "makes a numpy array of a buffer (protocol 5)"],
	[/^numpy\.dtype$/, "the type of an array's items"],
	[/^numpy\.ndarray$/, "the class of numpy arrays"],
	[/^numpy\.ma\./, "a masked numpy array"],
	[/^numpy\.random\./, "a numpy random generator"],
	[/^numpy\b/, "of numpy"],
	[/^_codecs\.encode$/, "makes bytes of text: how Python 3 writes bytes below protocol 3"],
	[/^(copy_reg|copyreg)\._reconstructor$/, "makes an object at protocols 0 and 1"],
	[/^(copy_reg|copyreg)\./, "Python's own helper of pickle"],
	[
		/^(__builtin__|builtins)\.(eval|exec|execfile|compile|__import__|getattr|open)$/,
		`a builtin that can run code: ${CARE}`,
	],
	[/^(os|posix|nt|subprocess|sys|socket|shutil|runpy|pty)\./, `can act on the system: ${CARE}`],
	[/^(__builtin__|builtins)\./, "a Python builtin"],
	[/^exceptions\./, "a Python 2 exception"],
	[
		/^(collections|datetime|decimal|fractions|uuid|pathlib|enum|functools|array|re|_sre|zoneinfo|ipaddress|types|operator|itertools|random|string|UserDict|UserList|UserString|logging|argparse|time|xml|io|_io|cStringIO|StringIO|threading|weakref|inspect|ast|json|csv|calendar|locale|math|email|urllib|http)(\.|$)/,
		"of Python's standard library",
	],
	[/^pandas\b/, "of pandas"],
	[/^scipy\b/, "of scipy"],
	[/^joblib\.|^sklearn\.externals\.joblib\./, "of joblib"],
	[/^sklearn\b/, "of scikit-learn"],
	[/^torch\b/, "of PyTorch"],
	[/^tensorflow\b|^keras\b/, "of TensorFlow or Keras"],
	[/^(cloudpickle)\./, "of cloudpickle: code by value"],
	[/^dill\./, "of dill: code and modules by value"],
	[/^xarray\b/, "of xarray"],
	[/^pytz\b|^dateutil\b/, "a time zone"],
	[/^__main__\./, IN_MAIN],
];

/** What a class or function is, in a few words. */
export function meaningOf(path: string): string {
	return meanings.find(([pattern]) => pattern.test(path))?.[1] ?? ELSEWHERE;
}

/** Whether it is neither of Python nor of a package that is known here. */
export function isApplications(path: string): boolean {
	return [IN_MAIN, ELSEWHERE].includes(meaningOf(path));
}

/** Whether it can run code or act on the system. */
export function isRisky(path: string): boolean {
	return meaningOf(path).endsWith(CARE);
}

/** What Python 2 has not, nor any package for it. */
export const python3Alone =
	/^(datetime\.timezone|zoneinfo\..*|types\.SimpleNamespace|collections\.ChainMap|array\._array_reconstructor)$/;

/** Modules that later versions no longer have. */
export interface Gone {
	readonly pattern: RegExp;
	/** The package, and the first of its versions without. */
	readonly since: string;
	readonly advice: string;
}

const readPickle = "pandas.read_pickle knows many old names";

export const goneModules: readonly Gone[] = [
	{
		pattern: /^pandas\.(indexes|formats|types|sparse|tools|computation|algos|hashtable|lib)\b/,
		since: "pandas 0.20 to 1.0",
		advice: `pandas 0.19 has them; ${readPickle}`,
	},
	{
		pattern: /^pandas\.(tslib|_period|_sparse)\b|^pandas\._libs\.tslib\.(Timestamp|Timedelta|NaTType|__nat_unpickle)/,
		since: "pandas 0.25 to 1.0",
		advice: `pandas 0.24 has it; ${readPickle}`,
	},
	{
		pattern: /^pandas\.core\.(index|categorical|datetools|sparse|panel)\b/,
		since: "pandas 1.0 to 2.0",
		advice: `pandas 0.25 has it; ${readPickle}`,
	},
	{
		pattern: /^pandas\.core\.indexes\.(numeric|frozen)\b.*(Int64Index|UInt64Index|Float64Index|FrozenNDArray)/,
		since: "pandas 1.0 to 2.0",
		advice: `pandas 0.25 has it; ${readPickle}`,
	},
	{
		pattern: /^sklearn\.externals\.(joblib|six|funcsigs)\b/,
		since: "scikit-learn 0.23",
		advice: "scikit-learn 0.22 has it; or import joblib in its place",
	},
	{
		pattern: /^sklearn\.(cross_validation|grid_search|learning_curve|lda|qda)\b/,
		since: "scikit-learn 0.20",
		advice: "scikit-learn 0.19 has it",
	},
	{
		pattern:
			/^sklearn\.(linear_model\.(base|logistic|ridge|coordinate_descent|stochastic_gradient|least_angle|bayes)|tree\.tree|preprocessing\.(data|label|imputation|_encoders_old)|ensemble\.(forest|gradient_boosting|weight_boosting|bagging|base_old|iforest|voting_classifier)|svm\.(classes|base)|neighbors\.(base|classification|regression|unsupervised|kde)|cluster\.(k_means_|hierarchical|dbscan_|spectral)|decomposition\.(pca|nmf|truncated_svd|online_lda)|feature_extraction\.(hashing|dict_vectorizer)|naive_bayes_old|neural_network\.(multilayer_perceptron|rbm)|gaussian_process\.(gpr|gpc)|metrics\.(scorer|classification)|mixture\.(gmm|gaussian_mixture|base))\b/,
		since: "scikit-learn 0.24",
		advice: "scikit-learn 0.23 has it",
	},
	{ pattern: /^numpy\.(oldnumeric|numarray)\b/, since: "numpy 1.9", advice: "numpy 1.8 has it" },
	{ pattern: /^(imp|asyncore|asynchat|distutils|smtpd)\./, since: "Python 3.12", advice: "Python 3.11 has it" },
	{
		pattern: /^(cgi|crypt|imghdr|sndhdr|telnetlib|nntplib|pipes|uu|xdrlib)\./,
		since: "Python 3.13",
		advice: "Python 3.12 has it",
	},
	{
		pattern: /^(sets|md5|sha|rfc822|mimetools|new|popen2|exceptions_old|compiler|user)\./,
		since: "Python 3.0",
		advice: "Python 2.7 has it",
	},
	{
		pattern: /^scipy\.(weave|misc\.common|sparse\.linalg\.eigen|io\.recaster)\b/,
		since: "scipy 0.19 to 1.8",
		advice: "an older scipy has it",
	},
	{ pattern: /^(theano|rpy|Numeric|numarray)\b/, since: "long ago", advice: "the package is no longer maintained" },
];
