import CGSL

/// The GNU Scientific Library as this room uses it.
enum GSL {
  /// GSL's own error handler ends the process; without it, errors come back as NaN. Touch before any call that may fail.
  static let isQuiet: Bool = {
    gsl_set_error_handler_off()
    return true
  }()
}

/// The version of the GNU Scientific Library that this program was built with.
public enum GSLVersion {
  public static let text = GSL_VERSION
}
