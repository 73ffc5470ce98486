package jakarta.annotation;

/** In place of Jakarta Annotations, which generated code names and does not use. */
public @interface Nullable {}
