/*
 * Python 2's names and Python 3's, as `_compat_pickle` of CPython pairs them. Pickles below protocol 3 hold the names of
 * Python 2, also those that Python 3 writes.
 */

/** Modules that were renamed as a whole: `old>new`. */
const modules = `
	__builtin__>builtins copy_reg>copyreg Queue>queue SocketServer>socketserver ConfigParser>configparser
	repr>reprlib tkFileDialog>tkinter.filedialog tkSimpleDialog>tkinter.simpledialog
	tkColorChooser>tkinter.colorchooser tkCommonDialog>tkinter.commondialog Dialog>tkinter.dialog Tkdnd>tkinter.dnd
	tkFont>tkinter.font tkMessageBox>tkinter.messagebox ScrolledText>tkinter.scrolledtext
	Tkconstants>tkinter.constants ttk>tkinter.ttk Tkinter>tkinter markupbase>_markupbase _winreg>winreg
	thread>_thread dummy_thread>_dummy_thread dbhash>dbm.bsd dumbdbm>dbm.dumb dbm>dbm.ndbm gdbm>dbm.gnu
	xmlrpclib>xmlrpc.client SimpleXMLRPCServer>xmlrpc.server httplib>http.client htmlentitydefs>html.entities
	HTMLParser>html.parser Cookie>http.cookies cookielib>http.cookiejar BaseHTTPServer>http.server
	test.test_support>test.support commands>subprocess urlparse>urllib.parse robotparser>urllib.robotparser
	urllib2>urllib.request anydbm>dbm _abcoll>collections.abc cPickle>pickle _elementtree>xml.etree.ElementTree
	FileDialog>tkinter.filedialog SimpleDialog>tkinter.simpledialog DocXMLRPCServer>xmlrpc.server
	SimpleHTTPServer>http.server CGIHTTPServer>http.server UserDict>collections UserList>collections
	UserString>collections whichdb>dbm StringIO>io cStringIO>io`;

/** Names that moved alone: `module.old>module.new`. */
const names = `
	__builtin__.xrange>builtins.range __builtin__.reduce>functools.reduce __builtin__.intern>sys.intern
	__builtin__.unichr>builtins.chr __builtin__.unicode>builtins.str __builtin__.long>builtins.int
	itertools.izip>builtins.zip itertools.imap>builtins.map itertools.ifilter>builtins.filter
	itertools.ifilterfalse>itertools.filterfalse itertools.izip_longest>itertools.zip_longest
	UserDict.IterableUserDict>collections.UserDict UserList.UserList>collections.UserList
	UserString.UserString>collections.UserString whichdb.whichdb>dbm.whichdb _socket.fromfd>socket.fromfd
	_multiprocessing.Connection>multiprocessing.connection.Connection
	multiprocessing.process.Process>multiprocessing.context.Process
	multiprocessing.forking.Popen>multiprocessing.popen_fork.Popen
	urllib.ContentTooShortError>urllib.error.ContentTooShortError urllib.getproxies>urllib.request.getproxies
	urllib.pathname2url>urllib.request.pathname2url urllib.quote_plus>urllib.parse.quote_plus
	urllib.quote>urllib.parse.quote urllib.unquote_plus>urllib.parse.unquote_plus
	urllib.unquote>urllib.parse.unquote urllib.url2pathname>urllib.request.url2pathname
	urllib.urlcleanup>urllib.request.urlcleanup urllib.urlencode>urllib.parse.urlencode
	urllib.urlopen>urllib.request.urlopen urllib.urlretrieve>urllib.request.urlretrieve
	urllib2.HTTPError>urllib.error.HTTPError urllib2.URLError>urllib.error.URLError
	multiprocessing.AuthenticationError>multiprocessing.context.AuthenticationError
	multiprocessing.BufferTooShort>multiprocessing.context.BufferTooShort
	multiprocessing.ProcessError>multiprocessing.context.ProcessError
	multiprocessing.TimeoutError>multiprocessing.context.TimeoutError __builtin__.basestring>builtins.str
	exceptions.StandardError>builtins.Exception UserDict.UserDict>collections.UserDict
	socket._socketobject>socket.SocketType`;

/** Exceptions, all of `exceptions` in Python 2 and of `builtins` in Python 3. */
const exceptions = `
	ArithmeticError AssertionError AttributeError BaseException BufferError BytesWarning DeprecationWarning EOFError
	EnvironmentError Exception FloatingPointError FutureWarning GeneratorExit IOError ImportError ImportWarning
	IndentationError IndexError KeyError KeyboardInterrupt LookupError MemoryError NameError NotImplementedError
	OSError OverflowError PendingDeprecationWarning ReferenceError RuntimeError RuntimeWarning StopIteration
	SyntaxError SyntaxWarning SystemError SystemExit TabError TypeError UnboundLocalError UnicodeDecodeError
	UnicodeEncodeError UnicodeError UnicodeTranslateError UnicodeWarning UserWarning ValueError Warning
	ZeroDivisionError`;

function words(text: string): string[] {
	return text.trim().split(/\s+/);
}

function pairs(text: string): Map<string, string> {
	return new Map(words(text).map((pair) => pair.split(">") as [string, string]));
}

/** Where the way back is not the other way round: modules `new>old`, and those that Python 2 never had. */
const modulesBack = `
	tkinter.filedialog>tkFileDialog tkinter.simpledialog>tkSimpleDialog xmlrpc.server>SimpleXMLRPCServer
	http.server>BaseHTTPServer dbm>anydbm _bz2>bz2 _dbm>dbm _functools>functools _gdbm>gdbm _pickle>pickle`;

/** Modules of several in Python 2: only names tell which. */
const notBack = ["pickle", "xml.etree.ElementTree", "collections", "io"];

/** Names `module.new>module.old`, likewise. */
const namesBack = `
	builtins.str>__builtin__.unicode collections.UserDict>UserDict.IterableUserDict
	builtins.Exception>exceptions.Exception _functools.reduce>__builtin__.reduce
	tkinter.filedialog.FileDialog>FileDialog.FileDialog
	tkinter.filedialog.LoadFileDialog>FileDialog.LoadFileDialog
	tkinter.filedialog.SaveFileDialog>FileDialog.SaveFileDialog
	tkinter.simpledialog.SimpleDialog>SimpleDialog.SimpleDialog
	xmlrpc.server.ServerHTMLDoc>DocXMLRPCServer.ServerHTMLDoc
	xmlrpc.server.XMLRPCDocGenerator>DocXMLRPCServer.XMLRPCDocGenerator
	xmlrpc.server.DocXMLRPCRequestHandler>DocXMLRPCServer.DocXMLRPCRequestHandler
	xmlrpc.server.DocXMLRPCServer>DocXMLRPCServer.DocXMLRPCServer
	xmlrpc.server.DocCGIXMLRPCRequestHandler>DocXMLRPCServer.DocCGIXMLRPCRequestHandler
	http.server.SimpleHTTPRequestHandler>SimpleHTTPServer.SimpleHTTPRequestHandler
	http.server.CGIHTTPRequestHandler>CGIHTTPServer.CGIHTTPRequestHandler _socket.socket>socket._socketobject
	builtins.ModuleNotFoundError>exceptions.ImportError`;

/** Exceptions that Python 3 split off from OSError. */
const osErrors = `
	BrokenPipeError ChildProcessError ConnectionAbortedError ConnectionError ConnectionRefusedError
	ConnectionResetError FileExistsError FileNotFoundError InterruptedError IsADirectoryError NotADirectoryError
	PermissionError ProcessLookupError TimeoutError`;

interface Renames {
	readonly modules: ReadonlyMap<string, string>;
	readonly names: ReadonlyMap<string, string>;
}

let toNew: Renames | undefined;

function renamesToPython3(): Renames {
	const moved = pairs(names);
	for (const name of words(exceptions)) moved.set(`exceptions.${name}`, `builtins.${name}`);
	return { modules: pairs(modules), names: moved };
}

/** What Python 3 calls the module and name of Python 2. */
export function toPython3(module: string, name: string): readonly [module: string, name: string] {
	toNew ??= renamesToPython3();
	// A name with a dot is never in the table: it must not be read as one of a submodule.
	const moved = name.includes(".") ? undefined : toNew.names.get(`${module}.${name}`);
	if (moved === undefined) return [toNew.modules.get(module) ?? module, name];
	const dot = moved.lastIndexOf(".");
	return [moved.slice(0, dot), moved.slice(dot + 1)];
}

let toOld: Renames | undefined;

function renamesToPython2(): Renames {
	toNew ??= renamesToPython3();
	const backModules = swapped(toNew.modules, pairs(modulesBack));
	for (const name of notBack) backModules.delete(name);
	const backNames = swapped(toNew.names, pairs(namesBack));
	backNames.delete("socket.SocketType");
	for (const name of words(osErrors)) backNames.set(`builtins.${name}`, "exceptions.OSError");
	return { modules: backModules, names: backNames };
}

function swapped(forth: ReadonlyMap<string, string>, exceptional: ReadonlyMap<string, string>): Map<string, string> {
	const back = new Map([...forth].map(([old, moved]) => [moved, old] as const));
	for (const [moved, old] of exceptional) back.set(moved, old);
	return back;
}

/** What Python 2 calls the module and name of Python 3. */
export function toPython2(module: string, name: string): readonly [module: string, name: string] {
	toOld ??= renamesToPython2();
	const moved = name.includes(".") ? undefined : toOld.names.get(`${module}.${name}`);
	if (moved === undefined) return [toOld.modules.get(module) ?? module, name];
	const dot = moved.lastIndexOf(".");
	return [moved.slice(0, dot), moved.slice(dot + 1)];
}
