import { createHash } from 'node:crypto';
import { replay } from './test/support/world.ts';
import { stepsOf } from './test/support/world-steps.ts';
import { WorldDatabase } from './test/support/world-database.ts';
let h=createHash('sha1'); const orig=WorldDatabase.prototype.store; let list:string[]=[];
WorldDatabase.prototype.store=function(a:any){list.push(a.actorId+' '+a.source+' '+Buffer.from(a.update).toString('hex'));return orig.call(this,a)};
const dump=async(s:number)=>{list=[];await replay(s,stepsOf(s,400)).catch(e=>console.log(s,e.message.slice(0,50)));return list};
for(const s of [3,5,8,10,12,215110791]){const a=await dump(s),b=await dump(s);const i=a.findIndex((x,k)=>x!==b[k]);console.log(s,a.length,b.length,i, i>=0?[a[i],b[i]]:'')}
