import fc from "fast-check"; import { it } from "vitest"; import { pythonValues } from "/work/main/test/oracles/values.ts";
import { pyodide } from "/work/main/test/oracles/pyodide.ts";
import { decode } from "/work/main/src/index.ts"; import { describe } from "/work/main/test/support/describe.ts"; import { compareTags } from "/work/main/test/support/compareTags.ts";
it("x", async () => {
 let t=performance.now(); const s=fc.sample(pythonValues, 300); console.log("gen", performance.now()-t);
 const sizes=s.map(x=>JSON.stringify(x).length).sort((a,b)=>a-b); console.log(sizes[0], sizes[150], sizes[290], sizes[299]);
 const j=await pyodide(); t=performance.now(); let td=0, tdesc=0, tc=0, n=0;
 for (const p of [0,2,4]) for (const x of s) { const [{data,value}]=(await j.dumps([x],p)) as any; let u=performance.now(); const v=decode(data,{floats:"exact"}); td+=performance.now()-u; u=performance.now(); const a=describe(v); tdesc+=performance.now()-u;  u=performance.now(); const d=compareTags(a,value); tc+=performance.now()-u; if(d.length&&n++<5) console.log(p, d.slice(0,2), JSON.stringify(x).length); }
 console.log("all", performance.now()-t, td,tdesc,tc,n);
}, 100000);
