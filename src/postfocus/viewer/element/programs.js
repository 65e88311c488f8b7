// @ts-check
/** Shaders compiled when first needed, with the places of their uniforms. */

/** @typedef {{use:()=>void, at:(name:string)=>WebGLUniformLocation|null}} Program */

/** What every shader begins with. */
const HEAD = "#version 300 es\nprecision highp float;\n";

export class Programs {
  /** @type {Map<string, Program>} */ #made = new Map();

  /** @param {WebGL2RenderingContext} gl */
  constructor(gl) {
    this.gl = gl;
  }

  /** @param {string} name @param {string} vertex @param {string} fragment @returns {Program} ready to be used */
  use(name, vertex, fragment) {
    const program = this.#made.get(name) ?? this.#make(vertex, fragment);
    this.#made.set(name, program);
    program.use();
    return program;
  }

  /** @param {string} vertex @param {string} fragment @returns {Program} */
  #make(vertex, fragment) {
    const { gl } = this;
    const program = /** @type {WebGLProgram} */ (gl.createProgram());
    for (const [kind, text] of /** @type {[number, string][]} */ ([[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]])) {
      const shader = /** @type {WebGLShader} */ (gl.createShader(kind));
      gl.shaderSource(shader, HEAD + text);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
      const logs = (gl.getAttachedShaders(program) ?? []).map((s) => gl.getShaderInfoLog(s)).join("\n");
      throw new Error(`A shader does not compile: ${logs}`);
    }
    /** @type {Map<string, WebGLUniformLocation|null>} */
    const places = new Map();
    const at = (/** @type {string} */ name) => {
      if (!places.has(name)) places.set(name, gl.getUniformLocation(program, name));
      return places.get(name) ?? null;
    };
    return { use: () => gl.useProgram(program), at };
  }
}
