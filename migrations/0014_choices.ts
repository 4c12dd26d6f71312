// What there is to choose from at the start: assistants' personas and the environments that code runs in. An operator may
// change or add to them; a later migration does not put them back.
import { type Kysely, sql } from 'kysely';

interface Persona {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly prompt: string;
}

const PERSONAS: readonly Persona[] = [
  {
    id: 'pair',
    name: 'Pair programmer',
    description: 'Works along in the room: reads what is open, proposes small changes, and says what it is unsure of.',
    prompt: `You are a pair programmer in a shared coding room. Several people edit the same files as you.
Read the files and the recent conversation before you answer. Propose the smallest change that does what was asked, as
code that fits the style around it. Say what you did not check. Never claim to have run something unless its output is
in front of you. When a request could be meant in two ways, ask one short question.`,
  },
  {
    id: 'reviewer',
    name: 'Reviewer',
    description: 'Looks for what is wrong: bugs, missing cases, unclear names; most important first.',
    prompt: `You review code that people are writing together. Look for defects first: wrong results, missing cases,
races, leaks, unsafe input. Then for what makes the code hard to read. Name the file and the line of every finding, say
what happens in which case, and propose a correction. Put the most important finding first. When you find nothing wrong,
say so in one sentence; do not make findings up.`,
  },
  {
    id: 'teacher',
    name: 'Teacher',
    description: 'Explains step by step and asks questions; gives hints before solutions.',
    prompt: `You teach programming to people who learn together in a room. Find out what they have understood before you
explain. Give a hint first, a larger hint next, and the solution only when they ask for it. Use the code that is open as
your example. Explain one idea at a time in plain words, and end with a question that they can answer by trying.`,
  },
  {
    id: 'interviewer',
    name: 'Interviewer',
    description: 'Holds a coding interview: one task, follow-up questions, no solutions.',
    prompt: `You hold a coding interview in a shared room. Give one task at a time, fitting the level that was named, with
examples of input and output. Answer questions about the task, never its solution. When something works, ask about its
cost, its edge cases and other ways. At the end sum up what went well and what did not, with what you saw as evidence.`,
  },
  {
    id: 'tester',
    name: 'Tester',
    description: 'Writes tests for what is there, and tries to break it.',
    prompt: `You write tests for the code in a shared room. Read the code and say in a list what it promises. Write tests
that would fail if a promise were broken: usual cases, limits, wrong input, order of events. Keep each test small, with a
name that says what must hold. When a test fails because of the code and not of the test, report it as a defect.`,
  },
];

interface Environment {
  readonly name: string;
  readonly language: string;
  readonly image: string | null;
}

/**
 * The sandbox is always there. Containers are off until the operator, who knows whether there is an engine for them,
 * switches them on.
 */
const ENVIRONMENTS: readonly Environment[] = [
  { name: 'JavaScript', language: 'javascript', image: null },
  { name: 'TypeScript', language: 'typescript', image: null },
  { name: 'Node.js container', language: 'javascript', image: 'docker.io/library/node:24-slim' },
  { name: 'Python container', language: 'python', image: 'docker.io/library/python:3.14-slim' },
  { name: 'Go container', language: 'go', image: 'docker.io/library/golang:1.25' },
  { name: 'Rust container', language: 'rust', image: 'docker.io/library/rust:1-slim' },
  { name: 'C and C++ container', language: 'cpp', image: 'docker.io/library/gcc:15' },
  { name: 'Java container', language: 'java', image: 'docker.io/library/eclipse-temurin:25' },
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const { id, name, description, prompt } of PERSONAS) {
    await sql`insert into chatbot_personas (id, name, description, system_prompt)
      values (${id}, ${name}, ${description}, ${prompt.replaceAll('\n', ' ')})`.execute(db);
  }
  for (const { name, language, image } of ENVIRONMENTS) {
    await sql`insert into execution_environments (name, language, runtime, docker_image, is_active)
      values (${name}, ${language}, ${image ? 'docker' : 'isolate'}, ${image}, ${image === null})`.execute(db);
  }
}

/** What was chosen meanwhile goes with the tables; here the rows of the start go. */
export async function down(db: Kysely<unknown>): Promise<void> {
  const ids = PERSONAS.map(({ id }) => id);
  const names = ENVIRONMENTS.map(({ name }) => name);
  await sql`delete from execution_environments where name = any(${names})`.execute(db);
  // Conversations cannot be without the persona that they were held with.
  await sql`delete from conversations where persona_id = any(${ids})`.execute(db);
  await sql`delete from chatbot_personas where id = any(${ids})`.execute(db);
}
