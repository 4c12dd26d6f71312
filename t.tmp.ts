import { replay } from './test/support/world.ts';
import { toSteps } from './test/support/world-steps.ts';
import { Connection } from './test/support/world-network.ts';
let n=0; const o1=Connection.prototype.deliverToServer,o2=Connection.prototype.deliverToClient;
const show=(m:any)=>JSON.stringify(m,(k,v)=>v instanceof Uint8Array?Buffer.from(v).toString('hex'):v);
Connection.prototype.deliverToServer=function(){ if(this.toServer[0]&&n++>40&&n<70)console.log('->',this.replica?.userId,this.replica?.stock,show(this.toServer[0])); return o1.call(this)};
Connection.prototype.deliverToClient=function(){ if(this.toClient[0]&&n++>40&&n<70)console.log('<-',this.replica?.userId,this.replica?.doc.clientID,show(this.toClient[0])); return o2.call(this)};
await replay(215893705, toSteps([
  ['connect', 58, 1008908315],
  ['connect', 46, 937912891],
  ['connect', 11, 179320489],
  ['burst', 38, 1736422437],
  ['type', 11, 1840444513],
  ['stall', 19, 1516599635],
  ['deliver', 19, 771277075],
  ['connect', 47, 326665577],
  ['type', 39, 733284401],
  ['burst', 8, 2130142099],
  ['burst', 3, 1344885351],
  ['crash', 27, 1259837066],
  ['connect', 5, 1767492359],
  ['settle', 50, 2013815951],
])).catch(e=>console.log(e.message));
