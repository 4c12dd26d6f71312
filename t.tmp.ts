import { replay } from './test/support/world.ts';
import { stepsOf } from './test/support/world-steps.ts';
const seed=Number(process.argv[2]); const steps=stepsOf(seed,400);
let last:any; let i=0;
const wrapped=new Proxy(steps,{get(t,k){const v=(t as any)[k]; if(typeof k==='string'&&/^\d+$/.test(k)){last=v;i=Number(k);} return v;}});
process.on('exit',()=>console.log(i,last));
await replay(seed,wrapped);
