/**
 * A group of a schedule as a kernel: a function that computes chunk number c of its rows, tile by tile, and the code around it that
 * packs what every tile reads, runs the chunks (on several threads where that pays), and adds up what each has summed. Where the page
 * fixes sizes so small that there is one tile, it is written out where it stands.
 */
import { exprOf } from '../../cost.ts';
import { given } from '../../ir/attributes.ts';
import { add, literal, multiply, number, scale, size, zero, type Poly } from '../../ir/dims.ts';
import type { Value } from '../../ir/graph.ts';
import type { Group, MapPart, Part, ProductPart, Memory } from '../../transform/schedule.ts';
import type { FunctionBuilder, Local } from './assembler.ts';
import type { EmitContext } from './context.ts';
import { controlBlock } from '../../../plan/kernels.ts';
import type { Tiling } from '../../../plan/tiling.ts';
import { constant, i32, type I32 } from './instructions.ts';
import { isMatrixProduct, kernelSizes, packedTile, tilingIfOne, type Keeping, type KernelPolys } from './group-sizes.ts';
import { emitMap } from './map.ts';
import { combineBlocks, fillElements } from './routines/fill.ts';
import { multiplyPacked, multiplyPackedUpper, packRight, packedPadding, scratchElements } from './routines/matrix-product.ts';
import { mirrorUpper } from './routines/packing.ts';
import { addRows, rowDots } from './routines/products.ts';
import { shareOut } from './share.ts';
import type { GroupSite } from './site.ts';

/** Emits a group; gives how much work it is. */
export function emitGroup(site: GroupSite, group: Group, step: number): Poly {
  if (group.rows !== undefined) return new KernelEmitter(site, group, group.rows, step).emit();
  for (const part of group.parts) if (part.kind === 'map') emitScalars(site, part);
  return zero;
}

/** Scalars are computed where they stand. */
function emitScalars({ context, f, locate, schedule }: GroupSite, part: MapPart): void {
  emitMap(
    {
      context,
      f,
      rows: undefined,
      firstRow: constant.i32(0),
      read: (access) => context.address(context.at(locate(access.base), access.offset)),
      write: (v) => (schedule.readers.get(v)?.outside === true ? context.address(locate(v)) : undefined),
    },
    part,
  );
}

/** Where something is that only one tile needs. */
type TileRoom = () => I32;

class KernelEmitter {
  private readonly site: GroupSite;
  private readonly context: EmitContext;
  private readonly group: Group;
  private readonly rows: Poly;
  private readonly step: number;
  private readonly kernel: number;
  private readonly keeping = new Map<Value, Keeping>();
  private readonly sizes: KernelPolys;
  /** The tiling, where the page fixes the sizes and all rows are one tile. */
  private readonly oneTile: Tiling | undefined;
  private readonly tileBuffers: Poly[] = [];
  private readonly scratch: Poly[] = [];
  /** Values that are kept for one tile, and right operands of sums over rows, packed. */
  private readonly tileRooms = new Map<Value | ProductPart, TileRoom>();
  /** Room that products of matrices work in. */
  private readonly productRoom: TileRoom | undefined;
  /** For the cells of all chunks but the first. */
  private readonly moreCells = new Map<Value, number>();
  /** Packed operands of row products, made before the first tile. */
  private readonly packed = new Map<ProductPart, number>();

  constructor(site: GroupSite, group: Group, rows: Poly, step: number) {
    this.site = site;
    this.context = site.context;
    this.group = group;
    this.rows = rows;
    this.step = step;
    this.kernel = this.context.kernels.length;
    for (const [index, part] of group.parts.entries()) this.keep(part, index);
    this.sizes = kernelSizes(group, rows, this.keeping, site.shapeOf);
    const { lanes } = this.context;
    this.oneTile = tilingIfOne(this.sizes, lanes);
    for (const [value, { is }] of this.keeping) {
      if (is === 'tile') this.tileRooms.set(value, this.tileRoom(this.rowElements(value)));
      if (is === 'cells' && this.oneTile === undefined)
        this.moreCells.set(
          value,
          this.context.buffer({ elements: size(site.shapeOf(value)), what: `sums of ${site.name}`, perChunkOf: this.kernel }),
        );
    }
    for (const part of group.parts) {
      const width = packedTile(part);
      if (width !== undefined) this.tileRooms.set(part as ProductPart, this.tileRoom(add(width, number(packedPadding(lanes)))));
    }
    if (group.parts.some((p) => p.kind === 'product' && isMatrixProduct(p))) this.productRoom = this.room(number(scratchElements(lanes)));
  }

  emit(): Poly {
    const { context, rows, site, sizes } = this;
    this.packWhole();
    if (this.oneTile !== undefined) {
      const cells = this.beginCells(site.f, constant.i32(0));
      this.tile({ f: site.f, row: constant.i32(0), rows: context.size(rows), cells });
    } else {
      context.kernels.push({
        rows: exprOf(rows),
        width: exprOf(sizes.width),
        leastRows: sizes.leastRows,
        accumulated: exprOf(sizes.accumulated),
        tileBuffers: this.tileBuffers.map(exprOf),
        scratch: this.scratch.map(exprOf),
        work: exprOf(sizes.work),
      });
      const chunk = context.module.function(`${site.name}.${this.step}`, ['i32'], undefined, (f, index) => this.chunk(f, index));
      context.chunkFunctions.push(chunk);
      this.runChunks(chunk);
    }
    this.mirror();
    return multiply(rows, sizes.work);
  }

  /** Room for so many elements a row: of the thread, or a buffer where there is one tile only. */
  private tileRoom(perRow: Poly): TileRoom {
    const { context, kernel, oneTile } = this;
    if (oneTile !== undefined) return this.buffer(scale(perRow, oneTile.tileRows));
    const index = this.tileBuffers.push(perRow) - 1;
    return () => i32.add(context.constant({ is: 'thread' }), context.constant({ is: 'tileBuffer', kernel, index }));
  }
  private room(elements: Poly): TileRoom {
    const { context, kernel } = this;
    if (this.oneTile !== undefined) return this.buffer(elements);
    const index = this.scratch.push(elements) - 1;
    return () => i32.add(context.constant({ is: 'thread' }), context.constant({ is: 'scratch', kernel, index }));
  }
  private buffer(elements: Poly): TileRoom {
    const buffer = this.context.buffer({ elements, what: `a tile of ${this.site.name}` });
    return () => this.context.address(this.context.place(buffer));
  }

  // ---- where values are kept ----------------------------------------------------------------------------------------------

  private keep(part: Part, index: number): void {
    const values = part.kind === 'map' ? part.elements.map((e) => e.value) : [part.value];
    for (const value of values) this.keeping.set(value, this.keepingOf(value, part, index));
  }

  private keepingOf(value: Value, part: Part, index: number): Keeping {
    const { readers } = this.site.schedule;
    const place = given(this.site.schedule.places.get(value));
    if (place.accumulated) {
      const how = part.kind === 'map' && part.elements.find((e) => e.value === value)?.how === 'max' ? 'max' : 'sum';
      this.site.locate(value);
      return { is: 'cells', how };
    }
    const read = readers.get(value);
    if (read?.outside === true) {
      this.site.locate(value);
      return { is: 'rows' };
    }
    const readByOthers = [...(read?.parts ?? [])].some((p) => p !== index);
    const isSum = part.kind === 'product' || part.elements.some((e) => e.value === value && e.reduced.length > 0);
    if (!readByOthers && !isSum) return { is: 'register' };
    return { is: 'tile' };
  }

  private rowElements(value: Value): Poly {
    return size(this.site.shapeOf(value).slice(1));
  }

  // ---- around the chunks ------------------------------------------------------------------------------------------------------

  /** Packs the operands that every tile reads whole. */
  private packWhole(): void {
    const { context, site } = this;
    for (const part of this.group.parts) {
      if (part.kind !== 'product' || part.form.form !== 'row' || part.form.columns === undefined) continue;
      const { depth, columns, strides, rows } = part.form;
      const elements = multiply(add(columns.count, number(packedPadding(context.lanes))), depth);
      const buffer = context.buffer({ elements, what: `a packed operand of ${site.name}` });
      this.packed.set(part, buffer);
      const other = given(part.operands[1 - rows]) as Memory;
      const from = context.address(context.at(site.locate(other.base), other.offset));
      const to = context.address(context.place(buffer));
      site.f.call(
        packRight(context.module, context.lanes),
        context.size(depth),
        context.size(columns.count),
        from,
        context.size(strides[1]),
        context.size(columns.stride),
        to,
      );
    }
  }

  private runChunks(chunk: EmitContext['chunkFunctions'][number]): void {
    const { context, kernel, site } = this;
    const { f } = site;
    const chunks = context.constant({ is: 'chunks', kernel });
    const control = context.constant({ is: 'control' });
    const shares = i32.and(context.constant({ is: 'pays', kernel }), i32.gtU(i32.load(control, controlBlock.threads), constant.i32(1)));
    f.if(
      shares,
      () => f.call(shareOut(context), constant.i32(kernel), chunks),
      () => f.times(chunks, (c) => f.call(chunk, c)),
    );
    for (const [value, keeping] of this.keeping) {
      if (keeping.is !== 'cells') continue;
      const count = context.size(size(site.shapeOf(value)));
      const into = context.address(site.locate(value));
      const more = context.address(context.place(given(this.moreCells.get(value))));
      f.call(combineBlocks(context.module, context.lanes, keeping.how), into, more, count, i32.sub(chunks, constant.i32(1)));
    }
  }

  /** Of symmetric products the upper half was computed. */
  private mirror(): void {
    const { context, site } = this;
    const { f } = site;
    for (const part of this.group.parts) {
      if (part.kind !== 'product' || !part.symmetric || part.form.form !== 'sum') continue;
      const side = context.size(given(part.form.left).count);
      f.call(mirrorUpper(context.module, context.lanes), side, context.address(site.locate(part.value)), side);
    }
  }

  // ---- a chunk ------------------------------------------------------------------------------------------------------------------

  private chunk(f: FunctionBuilder, index: Local<'i32'>): void {
    const { context, kernel } = this;
    const chunkRows = context.constant({ is: 'chunkRows', kernel });
    const tileRows = context.constant({ is: 'tileRows', kernel });
    const row = f.let(i32.mul(index, chunkRows));
    const end = f.let(i32.add(row, chunkRows));
    const all = context.size(this.rows);
    f.if(i32.gtU(end, all), () => f.set(end, all));
    const cells = this.beginCells(f, index);
    f.while(i32.ltU(row, end), () => {
      const rows = f.let(i32.sub(end, row));
      f.if(i32.gtU(rows, tileRows), () => f.set(rows, tileRows));
      this.tile({ f, row, rows, cells });
      f.advance(row, rows);
    });
  }

  private tile(tile: Tile): void {
    for (const part of this.group.parts) {
      if (part.kind === 'map') this.map(tile, part);
      else this.product(tile, part);
    }
  }

  /** Cells of this chunk: those of the first are the result itself, the others lie one behind the other. */
  private beginCells(f: FunctionBuilder, index: I32): ReadonlyMap<Value, I32> {
    const { context, site } = this;
    const cells = new Map<Value, I32>();
    for (const [value, keeping] of this.keeping) {
      if (keeping.is !== 'cells') continue;
      const count = size(site.shapeOf(value));
      const first = context.address(site.locate(value));
      const more = this.moreCells.get(value);
      const behind = (buffer: number): I32 =>
        i32.add(context.address(context.place(buffer)), i32.mul(i32.sub(index, constant.i32(1)), context.bytes(count)));
      const pointer = f.let(more === undefined ? first : i32.select(behind(more), first, index));
      const neutral = context.lanes.constant(keeping.how === 'max' ? -Infinity : 0);
      f.call(fillElements(context.module, context.lanes), pointer, context.size(count), neutral);
      cells.set(value, pointer);
    }
    return cells;
  }

  /** Address of the first row of the tile of a value that this group computes. */
  private ownRows({ f, row, cells }: Tile, value: Value): I32 | undefined {
    const { context, site } = this;
    switch (this.keeping.get(value)?.is) {
      case 'tile':
        return given(this.tileRooms.get(value))();
      case 'rows':
        return f.let(i32.add(context.address(site.locate(value)), i32.mul(row, context.bytes(this.rowElements(value)))));
      case 'cells':
        return given(cells.get(value));
      default:
        return undefined;
    }
  }

  /** Address of what an access reads at the first row of the tile; rows are `stride` apart. */
  private read(tile: Tile, access: Memory, stride: Poly): I32 {
    const { context, site } = this;
    const place = site.schedule.places.get(access.base);
    if (place?.step === this.step && this.keeping.has(access.base)) return given(this.ownRows(tile, access.base), 'a value in memory');
    const start = context.address(context.at(site.locate(access.base), access.offset));
    return stride.terms.length === 0 ? start : i32.add(start, i32.mul(tile.row, context.bytes(stride)));
  }

  private map(tile: Tile, part: MapPart): void {
    emitMap(
      {
        context: this.context,
        f: tile.f,
        rows: tile.rows,
        firstRow: tile.row,
        read: (access) => this.read(tile, access, access.strides[0] ?? zero),
        write: (value) => this.ownRows(tile, value),
      },
      part,
    );
  }

  private product(tile: Tile, part: ProductPart): void {
    const { context, site } = this;
    const { f, rows } = tile;
    const { module, lanes } = context;
    const { form } = part;
    const operands = part.operands as readonly [Memory, Memory];
    const result = given(this.ownRows(tile, part.value));
    const room = (): I32 => given(this.productRoom)();
    const zeroWord = constant.i32(0);
    if (form.form === 'row') {
      const own = this.read(tile, given(operands[form.rows]), form.rowStride);
      const depth = context.size(form.depth);
      if (form.columns === undefined) {
        const other = given(operands[1 - form.rows]);
        const vector = context.address(context.at(site.locate(other.base), other.offset));
        f.call(rowDots(module, lanes, literal(form.depth)), rows, depth, own, context.size(form.rowStride), vector, result);
        return;
      }
      const columns = context.size(form.columns.count);
      const packed = context.address(context.place(given(this.packed.get(part))));
      f.call(
        multiplyPacked(module, lanes),
        rows,
        columns,
        depth,
        own,
        context.size(form.rowStride),
        context.size(form.strides[0]),
        packed,
        result,
        columns,
        zeroWord,
        room(),
      );
      return;
    }
    const { left, right, rowStrides } = form;
    const [a, b] = [this.read(tile, operands[0], rowStrides[0]), this.read(tile, operands[1], rowStrides[1])];
    if (left === undefined || right === undefined) {
      const [factors, matrix, matrixStride, length] =
        left === undefined ? [a, b, rowStrides[1], given(right).count] : [b, a, rowStrides[0], left.count];
      f.call(addRows(module, lanes, literal(length)), rows, context.size(length), matrix, context.size(matrixStride), factors, result);
      return;
    }
    const packed = f.let(given(this.tileRooms.get(part))());
    const columns = context.size(right.count);
    f.call(packRight(module, lanes), rows, columns, b, context.size(rowStrides[1]), context.size(right.stride), packed);
    const multiply_ = part.symmetric ? multiplyPackedUpper(module, lanes) : multiplyPacked(module, lanes);
    f.call(
      multiply_,
      context.size(left.count),
      columns,
      rows,
      a,
      context.size(left.stride),
      context.size(rowStrides[0]),
      packed,
      result,
      columns,
      constant.i32(1),
      room(),
    );
  }
}

interface Tile {
  readonly f: FunctionBuilder;
  /** Number of its first row, and how many rows. */
  readonly row: I32;
  readonly rows: I32;
  readonly cells: ReadonlyMap<Value, I32>;
}
