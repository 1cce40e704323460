using System.Globalization;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using Perfolizer.Horology;

namespace AgentHosting.Benchmarks;

/// <summary>How long each row is measured. Rows with much JSON need 40 warm-ups: before that, tier-1 code with profile data is not in yet.</summary>
internal static class BenchmarkSettings
{
    public static IConfig Create() => DefaultConfig.Instance
        .AddDiagnoser(MemoryDiagnoser.Default)
        .AddJob(Job.Default
            .WithWarmupCount(FromEnvironment("BENCHMARK_WARMUPS", 8))
            .WithIterationCount(FromEnvironment("BENCHMARK_ITERATIONS", 9))
            .WithIterationTime(TimeInterval.FromMilliseconds(FromEnvironment("BENCHMARK_ITERATION_MS", 120)))
            .AsDefault());

    private static int FromEnvironment(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : otherwise;
}
