//! Mail that comes in, from people and from programs that mean no good.

mod checker;
mod hostile;
mod limits;
