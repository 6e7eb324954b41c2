/** BL6xxx, at length: see `explanation.ts`. */
import type { Explanations } from './explanation.ts';

const ridgePage = (line: string): string => `problem p {
  dim n
  ${line}
  hyper penalty: positive
  param w: []
  inner minimize mean((w - y)^2) + penalty * w^2
  outer minimize mean((w - y)^2)
}`;

export const data: Explanations = {
  BL6001: {
    explain:
      'A data declaration, or a `--data NAME=FILE`, names a file that does not exist. Paths in a page are relative to the page, so that a folder with its data can be moved; paths on the command line are relative to where the command runs. Correct the path, or bind the data to another file with `--data NAME=FILE`. In a program, paths are relative to the folder that `fromFolder` or `fromUrl` is given, and `overrides` of `readData` names other files.',
    example: ridgePage('data y: [n] from "no-such-file.csv"'),
  },
  BL6002: {
    explain:
      'The file exists but could not be read: it is a folder, or reading it is not permitted, or the system reported another failure, which is quoted. Nothing is assumed about its content.',
    example: ridgePage('data y: [n] from "folder.csv"   // folder.csv is a folder'),
  },
  BL6003: {
    explain:
      'The ending of a file says how it is read: CSV and TSV tables, JSON, and NumPy’s NPY and NPZ. Parquet has its place in the language and is refused until it is built. Convert the file to one of the formats that are read, or rename it if its ending does not say what it is.',
    example: ridgePage('data y: [n] from "y.xlsx"'),
  },
  BL6004: {
    explain:
      'A column is selected by its header, by its 0-based position, by a list of these, or by an inclusive range `a .. b`. The table has no such column, or has the header more than once. A file whose first row is all numbers has no header, and its columns are selected by position.',
    example: ridgePage('data y: [n] from "y.csv" column progresion'),
  },
  BL6005: {
    explain:
      'A cell that a data declaration needs is not a number. Only the selected columns have to be numbers, so other columns may hold text. A column of labels is declared `int`: if all of its cells are text, they are encoded 0, 1, … in sorted order; a mixture of text and numbers is refused, because a misplaced word in a column of numbers would pass unseen.',
    example: ridgePage('data y: [n] from "y.csv"   // y.csv: 1.5, then a line that says: high'),
  },
  BL6006: {
    explain:
      'Every row of a table has as many cells as its first row. A shorter or longer one means a lost cell, an unquoted comma, or another separator, and which cells belong to which column can no longer be known.',
    example: ridgePage('data y: [n] from "y.csv" column 0   // y.csv: 1,2,3 then 4,5'),
  },
  BL6007: {
    explain:
      'A cell that a data declaration needs is empty. A missing value is never filled in silently: drop the row, or fill it in where the file is made, so that the choice can be seen.',
    example: ridgePage('data y: [n] from "y.csv" column 1   // y.csv: 1,,3'),
  },
  BL6008: {
    explain:
      'Data are finite numbers. A NaN or an infinity would spread to the losses and every derivative, and the place where it came from would be lost, so it is refused where it enters. Drop these rows, or replace the values where the file is made.',
    example: ridgePage('data y: [n] from "y.csv"   // y.csv: 1.5, then a line that says: nan'),
  },
  BL6009: {
    explain:
      'The content of a file is not what its ending says: an open quote in a table, a slip in JSON’s syntax, a file that is not an NPY array or a ZIP archive, or one that ends too early. The reason names the first thing that could not be read.',
    example: ridgePage('data y: [n] from "y.json"   // y.json: [1, 2'),
  },
  BL6010: {
    explain:
      'An NPZ file and a JSON object hold arrays under names. `array NAME` in the declaration, or `--data NAME=FILE:KEY`, says which one is meant; it can be left out only where the file holds a single array.',
    example: ridgePage('data y: [n] from "study.npz" array target'),
  },
  BL6011: {
    explain:
      'The array in the file does not have as many axes as the declaration. A table is a matrix; a vector may be one column or one row of it, a scalar a table of one cell. Arrays of more axes are kept in JSON, NPY or NPZ. Nothing is flattened or stretched silently.',
    example: ridgePage('data y: [n] from "X.csv"   // X.csv: 1,2 then 3,4'),
  },
  BL6012: {
    explain:
      'Every declared shape is checked against the data when the problem is bound. A dim with a declared value must have it in the data, and a polynomial such as `2 * d` must come out as the size that the data have. Correct the declaration, or select other columns, or bind another file.',
    example: `problem p {
  dim n, d = 10
  data X: [n, d] from "X.csv"   // X.csv has 9 columns
  data y: [n] from "y.csv"
  hyper penalty: positive
  param w: [d]
  inner minimize mean((X @ w - y)^2) + penalty * sum(w^2)
  outer minimize mean((X @ w - y)^2)
}`,
  },
  BL6013: {
    explain:
      'Two data share a dim but have different sizes along it. Which of them is right cannot be known, so both are named with their files and shapes. Often one of the files has lost rows, or has a header that was read as a row.',
    example: `problem p {
  dim n
  data x: [n] from "x.csv"   // 100 rows
  data y: [n] from "y.csv"   // 99 rows
  hyper penalty: positive
  param w: []
  inner minimize mean((w * x - y)^2) + penalty * w^2
  outer minimize mean((w * x - y)^2)
}`,
  },
  BL6014: {
    explain:
      'A dim gets its size from a data declaration in whose shape it stands alone, or from its own declaration, `dim d = 10`. Nothing fixes this one. In a polynomial such as `2 * d` a dim is used, not fixed.',
    example: `problem p {
  dim n, d
  data y: [n] from "y.csv"
  hyper penalty: positive
  param w: [d]
  inner minimize mean((sum(w) - y)^2) + penalty * sum(w^2)
  outer minimize mean((sum(w) - y)^2)
}`,
  },
  BL6015: {
    explain:
      'Data are checked against their declared kind and interval: `positive` is above 0, `nonnegative` at least 0, `unit` between 0 and 1 and neither, `simplex` adds to 1 along the last axis, `int` is whole, and an interval holds its ends. A value outside means that the declaration or the file is wrong.',
    example: ridgePage('data y: positive[n] from "y.csv"   // y.csv has a 0'),
  },
  BL6016: {
    explain:
      'A data declaration without `from` is bound by the caller: on the command line with `--data NAME=FILE`, in a program by passing a value. None was given. A call of a compiled module reads no file, not even one that the page names: `readData` of bilevel/data does.',
    example: ridgePage('data y: [n]'),
  },
  BL6017: {
    explain:
      'A caller bound or set a name that the problem does not declare as data, or as a hyper. The names that it does declare are listed.',
    example: 'bilevel gradient ridge.bilevel --set penaltyy=0.1',
  },
  BL6019: {
    explain:
      'A start, or a value given with `--set`, lies outside the kind of its hyper, or on the boundary of an open kind. `positive` is searched in log space, `unit` in logistic and `simplex` in softmax space: there the boundary is infinitely far away, so nothing can start from it. If 0 is a meaningful value, declare the hyper `nonnegative`, which is searched by projection.',
    example: 'bilevel gradient ridge.bilevel --set penalty=0',
  },
  BL6020: {
    explain: 'A value given for a hyper, with `--set` or by a program, does not have the shape that the hyper has with these data.',
    example: 'bilevel gradient ridge.bilevel --set penalty=[1,2]',
  },
  BL6021: {
    explain:
      'An NPY array is read if its elements are floats of 4 or 8 bytes, integers of 1 to 8 bytes, or booleans, in either byte order. Complex numbers, strings, records and objects are not, and neither is an integer that a float64 cannot hold exactly.',
    example: ridgePage('data y: [n] from "labels.npy"   // an array of strings'),
  },
  BL6022: {
    explain: 'A file holds no rows, or an array no elements. A problem over no data has no meaning, so this is taken for a mistake.',
    example: ridgePage('data y: [n] from "empty.csv"'),
  },
  BL6023: {
    explain:
      'A value given by a caller is not a number or a regular array of numbers: its rows have different lengths, or an element is no number, or its shape does not fit its elements.',
    example: 'bilevel gradient ridge.bilevel --set penalty=[[1,2],[3]]',
  },
  BL6024: {
    explain:
      'A param that starts at random has a distribution whose arguments make sense: `normal(mean, sd)` with sd at least 0, `uniform(lo, hi)` with lo below hi.',
    example: 'param w: [d] ~ uniform(1, 0)',
  },
  BL6025: {
    explain:
      'Tables (CSV, TSV) have columns, selected with `column` or `columns`; JSON, NPY and NPZ files hold arrays, of which JSON and NPZ have several, selected with `array`. A selection that the format of the file does not have is never ignored: the whole file would be read in its place.',
    example: ridgePage('data y: [n] from "y.npy" column target'),
  },
  BL6032: {
    explain:
      'A batch is drawn without replacement, so it cannot hold more members than the set or dim that it is drawn from has. How many these are is known when the data are bound.',
    example: `problem p {
  dim n
  data y: [n] from "y.csv"
  hyper a: positive
  param w: []
  inner minimize mean((w - y)^2) + a * w^2
  outer minimize mean((w - y)^2)
  solve inner with sgd(rate = 0.1, steps = 10, batch = 64, over = n)
}`,
  },
  BL6033: {
    explain:
      'The columns of a data matrix meet a param as they are, one penalty weighs all of the param, and the standard deviations of two columns differ by more than a thousand. A column in small units needs a large coefficient and is penalised away, one in large units is hardly penalised at all, so the penalty chooses by units; and the inner problem is badly conditioned. Standardise the columns, as `standardize` does, or give each coefficient a penalty of its own.',
    example: `problem p {
  dim n, d
  data X: [n, d] from "X.csv"   // metres beside micrometres
  data y: [n] from "y.csv"
  hyper penalty: positive
  param w: [d]
  inner minimize mean((X @ w - y)^2) + penalty * sum(w^2)
  outer minimize sum((w - 1)^2)
}`,
  },
  BL6034: {
    explain:
      'A position on the page, or a number of places by which `roll` moves, lies along an axis of which the page does not say how long it is; with these data it is too short. Where a dim is declared with its size, the same mistake is BL2015, and known before there are data.',
    example: `problem p {
  dim n
  data y: [n] from "y.csv"
  hyper a: positive
  param w: []
  inner minimize mean((w - y)^2) + a * w^2
  outer minimize (w - y[9])^2
}`,
  },
};
