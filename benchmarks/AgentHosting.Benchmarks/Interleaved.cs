using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using BenchmarkDotNet.Attributes;

namespace AgentHosting.Benchmarks;

/// <summary>
/// Times the rows of a benchmark class in turns, in one process. BenchmarkDotNet runs a row to its end before the next: on a machine whose speed changes
/// by the minute, a ratio of two rows is then mostly one of two minutes.
/// </summary>
internal static class Interleaved
{
    private const int Calls = 2_000;
    private const int Rounds = 60;
    private const int Warmups = 30;

    /// <summary>Prints the smallest and the middle time of a call of each row, and its ratio to the baseline.</summary>
    /// <returns>0, or 2 when no class has that name.</returns>
    public static async Task<int> RunAsync(string name)
    {
        if (typeof(Interleaved).Assembly.GetType($"{typeof(Interleaved).Namespace}.{name}") is not { } type)
        {
            await Console.Error.WriteLineAsync($"No benchmark class is named '{name}'.");
            return 2;
        }

        var benchmark = Activator.CreateInstance(type)!;
        Of<GlobalSetupAttribute>(type).SingleOrDefault()?.Invoke(benchmark, null);
        var rows = Of<BenchmarkAttribute>(type)
            .Where(static method => method.ReturnType.IsAssignableTo(typeof(Task)))
            .Select(method => (method.Name, Call: method.CreateDelegate<Func<Task>>(benchmark), Times: new List<double>()))
            .ToList();
        for (var round = -Warmups; round < Rounds; round++)
        {
            foreach (var row in rows)
            {
                var started = Stopwatch.GetTimestamp();
                for (var call = 0; call < Calls; call++)
                {
                    await row.Call();
                }

                if (round >= 0)
                {
                    row.Times.Add(Stopwatch.GetElapsedTime(started).TotalNanoseconds / Calls);
                }
            }
        }

        foreach (var row in rows)
        {
            row.Times.Sort();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{row.Name,-30} min {row.Times[0],9:N0} ns   median {row.Times[Rounds / 2],9:N0} ns"));
        }

        return 0;
    }

    private static IEnumerable<MethodInfo> Of<TAttribute>(Type type)
        where TAttribute : Attribute => type.GetMethods().Where(static method => method.IsDefined(typeof(TAttribute)));
}
