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
    // Few enough that most rounds end before the scheduler gives the core to another program.
    private const int Calls = 200;
    private const int Rounds = 600;
    private const int Warmups = 300;

    /// <summary>
    /// Prints for each row, with each of its parameters, the smallest and the middle time of a call, what it adds to the bare client (the row named <c>Leaf</c>),
    /// and the ratio of that to what the baseline adds. Each is the middle one of those that were taken in the same round.
    /// </summary>
    /// <returns>0, or 2 when no class has that name.</returns>
    public static async Task<int> RunAsync(string name)
    {
        if (typeof(Interleaved).Assembly.GetType($"{typeof(Interleaved).Namespace}.{name}") is not { } type)
        {
            await Console.Error.WriteLineAsync($"No benchmark class is named '{name}'.");
            return 2;
        }

        var groups = ParametersOf(type).Select(parameters => RowsOf(type, parameters)).ToList();
        for (var round = -Warmups; round < Rounds; round++)
        {
            foreach (var row in groups.SelectMany(static rows => rows))
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

        foreach (var rows in groups)
        {
            Print(rows);
        }

        return 0;
    }

    private static void Print(InterleavedRow[] rows)
    {
        var leaf = Array.Find(rows, static row => row.Name == "Leaf");
        var baseline = Array.Find(rows, static row => row.IsBaseline && row.Name != "Leaf");
        foreach (var row in rows)
        {
            var added = row.Times.Select((time, round) => time - (leaf?.Times[round] ?? 0)).ToList();
            var text = string.Create(
                CultureInfo.InvariantCulture, $"{row.Parameters + row.Name,-42} min {row.Times.Min(),9:N0} ns   median {Middle(row.Times),9:N0} ns");
            if (leaf is not null && row != leaf)
            {
                text += string.Create(CultureInfo.InvariantCulture, $"   over the client {Middle(added),9:N0} ns (min {row.Times.Min() - leaf.Times.Min(),9:N0})");
            }

            if (baseline is not null && row != leaf && row != baseline)
            {
                var ratios = added.Select((time, round) => time / (baseline.Times[round] - (leaf?.Times[round] ?? 0)));
                text += string.Create(CultureInfo.InvariantCulture, $"   x{Middle(ratios):N2} of {baseline.Name}");
            }

            Console.WriteLine(text);
        }
    }

    private static double Middle(IEnumerable<double> values) => values.Order().ElementAt(Rounds / 2);

    /// <summary>Each combination of the values of the parameters of a class; one empty one when it has none.</summary>
    private static IEnumerable<(PropertyInfo Property, object? Value)[]> ParametersOf(Type type)
    {
        IEnumerable<(PropertyInfo, object?)[]> combinations = [[]];
        foreach (var property in type.GetProperties())
        {
            if (property.GetCustomAttribute<ParamsAttribute>() is { } parameter)
            {
                combinations = combinations.SelectMany(_ => parameter.Values, (combination, value) => combination.Append((property, value)).ToArray());
            }
        }

        return combinations;
    }

    private static InterleavedRow[] RowsOf(Type type, (PropertyInfo Property, object? Value)[] parameters)
    {
        var benchmark = Activator.CreateInstance(type)!;
        foreach (var (property, value) in parameters)
        {
            property.SetValue(benchmark, value);
        }

        Of<GlobalSetupAttribute>(type).SingleOrDefault()?.Invoke(benchmark, null);
        var prefix = string.Concat(parameters.Select(static parameter => $"{parameter.Property.Name}={parameter.Value} "));
        return
        [
            .. Of<BenchmarkAttribute>(type)
                .Where(static method => method.ReturnType.IsAssignableTo(typeof(Task)))
                .Select(method => new InterleavedRow(
                    prefix, method.Name, method.GetCustomAttribute<BenchmarkAttribute>()!.Baseline, method.CreateDelegate<Func<Task>>(benchmark), [])),
        ];
    }

    private static IEnumerable<MethodInfo> Of<TAttribute>(Type type)
        where TAttribute : Attribute => type.GetMethods().Where(static method => method.IsDefined(typeof(TAttribute)));
}
