//! Runs programs.

use super::lex::tokens;
use super::math;
use super::number::{MAX_DIGITS, Number};
use super::parse::{Expression, Function, Parser, Statement};
use super::show::{show, wrap};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};

/// How deep functions may call each other, and how deep expressions and statements may be in each other in all calls
/// together: each level takes up to 10 KiB of the stack in a debug build.
const MAX_CALLS: usize = 2000;
const MAX_DEPTH: usize = 20_000;
/// The most elements of all arrays, and the most bytes of output.
const MAX_ELEMENTS: usize = 1_000_000;
const MAX_OUTPUT: usize = 64 << 20;

/// Why a statement did not come to its end.
enum Flow {
    Break,
    Continue,
    Return(Number),
    Quit,
    Error(String),
    /// Nobody waits any more, or there is too much of it.
    Stop(String),
}

type Ran<T> = Result<T, Flow>;

/// The state of a calculator.
pub struct Machine<'a> {
    variables: HashMap<String, Number>,
    arrays: HashMap<String, HashMap<usize, Number>>,
    functions: HashMap<String, Rc<Function>>,
    scale: u32,
    ibase: u32,
    obase: u32,
    last: Number,
    calls: usize,
    depth: usize,
    elements: usize,
    library: bool,
    width: usize,
    stop: &'a AtomicBool,
    /// What was printed, and what went wrong.
    pub out: String,
    pub errors: String,
}

impl<'a> Machine<'a> {
    /// A fresh one; `library` as after `bc -l`.
    pub fn new(library: bool, width: usize, stop: &'a AtomicBool) -> Self {
        Self {
            variables: HashMap::new(),
            arrays: HashMap::new(),
            functions: HashMap::new(),
            scale: if library { 20 } else { 0 },
            ibase: 10,
            obase: 10,
            last: Number::default(),
            calls: 0,
            depth: 0,
            elements: 0,
            library,
            width,
            stop,
            out: String::new(),
            errors: String::new(),
        }
    }

    /// Runs a program to its end; false after `quit`, or the reason why it was stopped.
    pub fn program(&mut self, text: &str, name: &str) -> Result<bool, String> {
        let tokens = match tokens(text) {
            Ok(tokens) => tokens,
            Err(message) => {
                self.errors.push_str(&format!("{name} 1: {message}\n"));
                return Ok(true);
            }
        };
        let mut parser = Parser::new(tokens);
        while let Some(statement) = parser.next() {
            let ran = match statement {
                Ok(statement) => self.statement(&statement),
                Err(message) => {
                    self.errors.push_str(&format!("{name} 1: {message}\n"));
                    continue;
                }
            };
            match ran {
                Err(Flow::Quit) => return Ok(false),
                Err(Flow::Stop(reason)) => return Err(reason),
                Err(Flow::Error(message)) => {
                    self.errors.push_str(&format!("Runtime error (func=(main), adr=0): {message}\n"))
                }
                _ => {}
            }
        }
        Ok(true)
    }

    fn step(&self) -> Ran<()> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(Flow::Stop("stopped".to_owned()));
        }
        if self.out.len() > MAX_OUTPUT {
            return Err(Flow::Stop("too much output".to_owned()));
        }
        Ok(())
    }

    fn print_number(&mut self, number: &Number) {
        let text = wrap(&show(number, self.obase), self.width);
        self.out.push_str(&text);
    }

    fn deeper(&mut self) -> Ran<()> {
        self.step()?;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Flow::Stop("functions call each other too deeply".to_owned()));
        }
        Ok(())
    }

    fn statement(&mut self, statement: &Statement) -> Ran<()> {
        self.deeper()?;
        let ran = self.run_statement(statement);
        self.depth -= 1;
        ran
    }

    fn run_statement(&mut self, statement: &Statement) -> Ran<()> {
        match statement {
            Statement::Expression(expression) => {
                let value = self.value(expression)?;
                if !matches!(expression, Expression::Assign(..)) {
                    self.print_number(&value);
                    self.out.push('\n');
                    self.last = value;
                }
            }
            Statement::Text(text) => self.out.push_str(text),
            Statement::Print(parts) => {
                for part in parts {
                    match part {
                        Statement::Text(text) => self.out.push_str(&unescape(text)),
                        Statement::Expression(expression) => {
                            let value = self.value(expression)?;
                            self.print_number(&value);
                            self.last = value;
                        }
                        _ => {}
                    }
                }
            }
            Statement::If(condition, body, otherwise) => {
                if !self.value(condition)?.is_zero() {
                    self.statement(body)?;
                } else if let Some(otherwise) = otherwise {
                    self.statement(otherwise)?;
                }
            }
            Statement::While(condition, body) => {
                while !self.value(condition)?.is_zero() {
                    if self.round(body)? {
                        break;
                    }
                }
            }
            Statement::For(first, condition, last, body) => {
                if let Some(first) = first {
                    self.value(first)?;
                }
                loop {
                    if let Some(condition) = condition
                        && self.value(condition)?.is_zero()
                    {
                        break;
                    }
                    if self.round(body)? {
                        break;
                    }
                    if let Some(last) = last {
                        self.value(last)?;
                    }
                }
            }
            Statement::Block(body) => {
                for statement in body {
                    self.statement(statement)?;
                }
            }
            Statement::Break => return Err(Flow::Break),
            Statement::Continue => return Err(Flow::Continue),
            Statement::Quit => return Err(Flow::Quit),
            Statement::Return(value) => {
                let value = value.as_ref().map_or(Ok(Number::default()), |value| self.value(value))?;
                return Err(Flow::Return(value));
            }
            Statement::Define(function) => {
                self.functions.insert(function.name.clone(), Rc::new(function.clone()));
            }
        }
        Ok(())
    }

    /// One round of a loop; whether it was the last.
    fn round(&mut self, body: &Statement) -> Ran<bool> {
        self.step()?;
        match self.statement(body) {
            Err(Flow::Break) => Ok(true),
            Ok(()) | Err(Flow::Continue) => Ok(false),
            Err(other) => Err(other),
        }
    }

    fn value(&mut self, expression: &Expression) -> Ran<Number> {
        self.deeper()?;
        let value = self.compute(expression);
        self.depth -= 1;
        value
    }

    fn compute(&mut self, expression: &Expression) -> Ran<Number> {
        Ok(match expression {
            Expression::Number(text) if text.len() as u64 > MAX_DIGITS => {
                return Err(Flow::Error("number is too large".to_owned()));
            }
            Expression::Number(text) => Number::read(text, self.ibase),
            Expression::Variable(_) | Expression::Element(..) | Expression::Last => self.get(expression)?,
            Expression::Array(name) => return Err(Flow::Error(format!("{name}[] has no value"))),
            Expression::Group(inner) => self.value(inner)?,
            Expression::Negative(inner) => Number::default().minus(&self.value(inner)?),
            Expression::Not(inner) => truth(self.value(inner)?.is_zero()),
            Expression::Binary("&&", left, right) => {
                let (left, right) = (self.value(left)?, self.value(right)?);
                truth(!left.is_zero() && !right.is_zero())
            }
            Expression::Binary("||", left, right) => {
                let (left, right) = (self.value(left)?, self.value(right)?);
                truth(!left.is_zero() || !right.is_zero())
            }
            Expression::Binary(operator, left, right) => {
                let (left, right) = (self.value(left)?, self.value(right)?);
                self.operate(operator, &left, &right)?
            }
            Expression::Assign(place, operator, value) => {
                let value = self.value(value)?;
                let value = if operator.is_empty() {
                    value
                } else {
                    let old = self.get(place)?;
                    self.operate(operator, &old, &value)?
                };
                self.set(place, value.clone())?;
                value
            }
            Expression::Step(place, up, before) => {
                let old = self.get(place)?;
                let one = Number::whole(1);
                let new = if *up { old.plus(&one) } else { old.minus(&one) };
                self.set(place, new.clone())?;
                if *before { old } else { new }
            }
            Expression::Call(name, arguments) => self.call(name, arguments)?,
        })
    }

    fn operate(&self, operator: &str, left: &Number, right: &Number) -> Ran<Number> {
        let order = || left.compare(right);
        let result = match operator {
            "+" => Ok(left.plus(right)),
            "-" => Ok(left.minus(right)),
            "*" => left.times(right, self.scale),
            "/" => left.over(right, self.scale),
            "%" => left.modulo(right, self.scale),
            "^" => left.power(right, self.scale),
            "==" => Ok(truth(order().is_eq())),
            "!=" => Ok(truth(order().is_ne())),
            "<" => Ok(truth(order().is_lt())),
            "<=" => Ok(truth(order().is_le())),
            ">" => Ok(truth(order().is_gt())),
            _ => Ok(truth(order().is_ge())),
        };
        result.map_err(Flow::Error)
    }

    fn index(&mut self, index: &Expression) -> Ran<usize> {
        let index = self.value(index)?;
        index
            .to_usize()
            .filter(|index| *index < 16_777_216)
            .ok_or_else(|| Flow::Error("Array subscript out of bounds.".to_owned()))
    }

    fn get(&mut self, place: &Expression) -> Ran<Number> {
        Ok(match place {
            Expression::Variable(name) => match name.as_str() {
                "scale" => Number::whole(self.scale.into()),
                "ibase" => Number::whole(self.ibase.into()),
                "obase" => Number::whole(self.obase.into()),
                _ => self.variables.get(name).cloned().unwrap_or_default(),
            },
            Expression::Element(name, index) => {
                let index = self.index(index)?;
                self.arrays.get(name).and_then(|array| array.get(&index)).cloned().unwrap_or_default()
            }
            Expression::Last => self.last.clone(),
            _ => return Err(Flow::Error("not a variable".to_owned())),
        })
    }

    fn set(&mut self, place: &Expression, value: Number) -> Ran<()> {
        match place {
            Expression::Variable(name) => {
                let number = value.to_usize().and_then(|value| u32::try_from(value).ok());
                match name.as_str() {
                    "scale" => self.scale = number.filter(|scale| *scale <= 100_000).unwrap_or(0),
                    "ibase" => self.ibase = number.unwrap_or(2).clamp(2, 16),
                    "obase" => self.obase = number.unwrap_or(2).clamp(2, 1_000_000),
                    _ => drop(self.variables.insert(name.clone(), value)),
                }
            }
            Expression::Element(name, index) => {
                let index = self.index(index)?;
                if self.arrays.entry(name.clone()).or_default().insert(index, value).is_none() {
                    self.elements += 1;
                    if self.elements > MAX_ELEMENTS {
                        return Err(Flow::Stop("arrays are too large".to_owned()));
                    }
                }
            }
            Expression::Last => self.last = value,
            _ => return Err(Flow::Error("not a variable".to_owned())),
        }
        Ok(())
    }

    fn call(&mut self, name: &str, arguments: &[Expression]) -> Ran<Number> {
        if let Some(function) = self.functions.get(name).cloned() {
            return self.defined(&function, arguments);
        }
        let [argument] = arguments else { return Err(Flow::Error(format!("Function {name} not defined."))) };
        let known = matches!(name, "length" | "scale" | "sqrt") || (self.library && math::is_function(name));
        if !known {
            return Err(Flow::Error(format!("Function {name} not defined.")));
        }
        let value = self.value(argument)?;
        let result = match name {
            "length" => Ok(Number::whole(i64::try_from(value.length()).unwrap_or(i64::MAX))),
            "scale" => Ok(Number::whole(value.scale.into())),
            "sqrt" => value.root(self.scale),
            _ => math::call(name, &value, self.scale),
        };
        result.map_err(Flow::Error)
    }

    fn defined(&mut self, function: &Function, arguments: &[Expression]) -> Ran<Number> {
        if arguments.len() != function.parameters.len() {
            return Err(Flow::Error("Parameter number mismatch".to_owned()));
        }
        self.calls += 1;
        if self.calls > MAX_CALLS {
            return Err(Flow::Stop("functions call each other too deeply".to_owned()));
        }
        let mut given = Vec::new();
        for (argument, parameter) in arguments.iter().zip(&function.parameters) {
            given.push(match (argument, parameter.strip_suffix("[]")) {
                (Expression::Array(name), Some(_)) => (None, self.arrays.get(name).cloned()),
                _ => (Some(self.value(argument)?), None),
            });
        }
        // What the names meant outside comes back at the end.
        let mut outside = Vec::new();
        let none = || (Some(Number::default()), None);
        let names = function.parameters.iter().zip(given).chain(function.locals.iter().map(|name| (name, none())));
        for (name, (number, array)) in names {
            if let Some(name) = name.strip_suffix("[]") {
                let old = match array {
                    Some(array) => self.arrays.insert(name.to_owned(), array),
                    None => self.arrays.remove(name),
                };
                outside.push((name.to_owned(), None, Some(old)));
            } else {
                let old = self.variables.insert(name.clone(), number.unwrap_or_default());
                outside.push((name.clone(), Some(old), None));
            }
        }
        let mut result = Ok(Number::default());
        for statement in &function.body {
            match self.statement(statement) {
                Ok(()) => {}
                Err(Flow::Return(value)) => {
                    result = Ok(value);
                    break;
                }
                Err(other) => {
                    result = Err(other);
                    break;
                }
            }
        }
        for (name, number, array) in outside.into_iter().rev() {
            match number {
                Some(Some(old)) => drop(self.variables.insert(name, old)),
                Some(None) => drop(self.variables.remove(&name)),
                None => match array.flatten() {
                    Some(old) => drop(self.arrays.insert(name, old)),
                    None => drop(self.arrays.remove(&name)),
                },
            }
        }
        self.calls -= 1;
        result
    }
}

fn truth(value: bool) -> Number {
    Number::whole(value.into())
}

fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('q') => out.push('"'),
            Some('a') => out.push('\u{7}'),
            Some('r') => out.push('\r'),
            Some('\\') => out.push('\\'),
            Some(other) => out.extend(['\\', other]),
            None => out.push('\\'),
        }
    }
    out
}
