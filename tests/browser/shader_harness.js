// Runs a Shadertoy shader as that site does, and returns the picture as a data address.
function drawShader(source, width, height, time) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const gl = canvas.getContext("webgl2", {antialias: false});
  const program = gl.createProgram();
  for (const [kind, text] of [
    [gl.VERTEX_SHADER, `#version 300 es
      void main() { gl_Position = vec4(gl_VertexID == 1 ? 3 : -1, gl_VertexID == 2 ? 3 : -1, 0, 1); }`],
    [gl.FRAGMENT_SHADER, `#version 300 es
      precision highp float;
      uniform vec3 iResolution;
      uniform float iTime;
      out vec4 harness_color;
      ${source}
      void main() { mainImage(harness_color, gl_FragCoord.xy); }`],
  ]) {
    const shader = gl.createShader(kind);
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS)) throw new Error(gl.getShaderInfoLog(shader));
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  gl.useProgram(program);
  gl.uniform3f(gl.getUniformLocation(program, "iResolution"), width, height, 1);
  gl.uniform1f(gl.getUniformLocation(program, "iTime"), time);
  gl.viewport(0, 0, width, height);
  gl.drawArrays(gl.TRIANGLES, 0, 3);
  return canvas.toDataURL();
}
