using System.Globalization;
using System.Security.Cryptography;

namespace AgentHosting.TokenBudgets.Internal;

/// <summary>Names of reservations: unique in all processes that share a ledger.</summary>
internal static class HoldIds
{
    private static readonly string Process = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6)) + ".";
    // Of those without a step: the process and any number.
    private const int MaxLength = 13 + 20;
    private static long _last;

    public static string Next(AgentCallContext? context)
    {
        var number = Interlocked.Increment(ref _last);
        if (context is { RunId: { } run, StepKey: { } step })
        {
            return string.Create(CultureInfo.InvariantCulture, $"{run}/{step}/{context.Attempt}.{Process}{number}");
        }

        Span<char> id = stackalloc char[MaxLength];
        Process.CopyTo(id);
        _ = number.TryFormat(id[Process.Length..], out var digits, provider: CultureInfo.InvariantCulture);
        return new string(id[..(Process.Length + digits)]);
    }
}
