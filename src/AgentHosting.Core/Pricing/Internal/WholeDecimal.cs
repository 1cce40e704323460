namespace AgentHosting.Pricing.Internal;

/// <summary>
/// A decimal as a whole number and the place of its point. Prices and costs mostly fit into one, and sums of whole numbers take a fraction of the time of those of decimals;
/// what does not fit is left to decimals, which give the same.
/// </summary>
internal static class WholeDecimal
{
    private const int MaxScale = 28;

    private static ReadOnlySpan<ulong> Powers =>
    [
        1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000, 10_000_000_000, 100_000_000_000, 1_000_000_000_000, 10_000_000_000_000,
        100_000_000_000_000, 1_000_000_000_000_000, 10_000_000_000_000_000, 100_000_000_000_000_000, 1_000_000_000_000_000_000, 10_000_000_000_000_000_000,
    ];

    /// <summary>The sum of two products, divided by ten to the power of <paramref name="places"/>.</summary>
    /// <returns>Whether it could be told without decimals.</returns>
    public static bool TrySum(long count, decimal rate, long otherCount, decimal otherRate, int places, out decimal sum)
    {
        sum = 0;
        if ((ulong)count > int.MaxValue || (ulong)otherCount > int.MaxValue || !TryRead(rate, out var whole, out var scale) || !TryRead(otherRate, out var otherWhole, out var otherScale))
        {
            return false;
        }

        if (scale < otherScale)
        {
            (whole, scale) = (Scaled(whole, otherScale - scale), otherScale);
        }
        else if (otherScale < scale)
        {
            otherWhole = Scaled(otherWhole, scale - otherScale);
        }

        // So that neither a product nor their sum goes beyond 64 bits.
        if (whole > int.MaxValue || otherWhole > int.MaxValue || scale + places > MaxScale)
        {
            return false;
        }

        var total = ((ulong)count * whole) + ((ulong)otherCount * otherWhole);
        sum = new decimal((int)total, (int)(total >> 32), 0, isNegative: false, (byte)(scale + places));
        return true;
    }

    /// <summary>The value times ten to the power of <paramref name="places"/>, rounded up.</summary>
    /// <returns>Whether it could be told without decimals.</returns>
    public static bool TryCeiling(decimal value, int places, out ulong whole)
    {
        if (!TryRead(value, out whole, out var scale))
        {
            return false;
        }

        if (scale > places)
        {
            var (quotient, rest) = Math.DivRem(whole, Powers[scale - places]);
            whole = rest == 0 ? quotient : quotient + 1;
            return true;
        }

        whole = Scaled(whole, places - scale);
        return whole != ulong.MaxValue;
    }

    /// <returns>Whether it is not negative and has no more than 64 bits.</returns>
    private static bool TryRead(decimal value, out ulong whole, out int scale)
    {
        Span<int> parts = stackalloc int[4];
        _ = decimal.GetBits(value, parts);
        whole = ((ulong)(uint)parts[1] << 32) | (uint)parts[0];
        scale = parts[3] >> 16;
        return parts[2] == 0 && scale >= 0 && scale < Powers.Length;
    }

    /// <returns>The product, or the largest number where there is no room for it.</returns>
    private static ulong Scaled(ulong whole, int places) => Math.BigMul(whole, Powers[places], out var low) == 0 ? low : ulong.MaxValue;
}
