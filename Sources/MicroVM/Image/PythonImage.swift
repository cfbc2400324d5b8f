import Glibc

extension GuestImage {
  /// A Python function: `def handler(event, context)` in one file, as on Lambda (`lambda_handler` will do).
  ///
  /// The guest runs the host's CPython, unmodified, and sees nothing of the host but that interpreter, its standard
  /// library and the shared libraries. Requests and results are JSON.
  ///
  /// - Parameters:
  ///   - path: the handler's file.
  ///   - interpreter: a CPython 3 program; nil for the one that `/usr/bin/python3` leads to.
  ///   - packages: directories of further packages, which the guest may read too.
  public static func python(
    handler path: String, interpreter: String? = nil, packages: [String] = []
  ) throws(MachineFault) -> GuestImage {
    let source = try ProgramFile.contents(path)
    let interpreter = try realPath(interpreter ?? "/usr/bin/python3")
    let program = try ProgramFile(path: interpreter)
    var linker: ProgramFile?
    if let linkerPath = program.elf.interpreter { linker = try ProgramFile(path: linkerPath) }
    var image = GuestImage(program, linker: linker)

    let file = GuestFiles.components(path).last.map(String.init) ?? path
    image.heldFiles = ["/function/" + file: source, "/faascast/bootstrap.py": Array(bootstrap.utf8)]
    // Isolated, without the site's additions, writing no bytecode.
    image.arguments = ["-I", "-S", "-B", "/faascast/bootstrap.py", String(file.dropLast(3))] + packages
    image.readablePaths = [interpreter] + libraries(of: interpreter) + packages
    return image
  }

  /// Where a CPython keeps its standard library, and the system its shared libraries.
  private static func libraries(of interpreter: String) -> [String] {
    // PREFIX/bin/python3.11 has PREFIX/lib/python3.11.
    let parts = GuestFiles.components(interpreter)
    let prefix = "/" + parts.dropLast(2).joined(separator: "/")
    let name = parts.last.map(String.init) ?? ""
    return [
      prefix + "/lib/" + name, prefix + "/lib/python3", "/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64",
      "/usr/lib64", "/etc/ld.so.cache",
    ]
  }

  private static func realPath(_ path: String) throws(MachineFault) -> String {
    guard let found = realpath(path, nil) else {
      throw .badImage(
        path: path, offset: 0, found: String(cString: strerror(errno)).lowercased(), expected: "a Python interpreter")
    }
    defer { free(found) }
    return String(cString: found)
  }

  /// Takes requests from descriptor 1000 and gives results to 1001, for ever; failures as Lambda reports them.
  private static let bootstrap = """
    import os, sys

    def main():
        name = sys.argv[1]
        sys.path += sys.argv[2:]
        module = sys.modules[name] = type(sys)(name)
        with open("/function/" + name + ".py") as file:
            exec(compile(file.read(), file.name, "exec"), module.__dict__)
        handler = getattr(module, "handler", None) or module.lambda_handler
        import json
        room = bytearray(6 << 20)
        view = memoryview(room)
        while True:
            length = os.readv(1000, [room])
            try:
                event = json.loads(bytes(view[:length])) if length else None
                result = json.dumps(handler(event, None))
            except Exception as error:
                result = json.dumps({"errorMessage": str(error), "errorType": type(error).__name__})
            os.write(1001, result.encode())

    main()

    """
}
