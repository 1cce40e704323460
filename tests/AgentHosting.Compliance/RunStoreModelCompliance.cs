using System.Globalization;
using AgentHosting.Compliance.Model;
using AgentHosting.Runs;
using CsCheck;

namespace AgentHosting.Compliance;

/// <summary>
/// Random sequences of commands against a store and a model of it, every answer and all that can be seen compared after each command. A failure names the seed, shrunk:
/// set <c>CsCheck_Seed</c> to it to see it again.
/// </summary>
public abstract class RunStoreModelCompliance
{
    private const int Everyday = 2_000;

    /// <summary>How many sequences are tried, for long runs.</summary>
    private const string Variable = "AGENTHOSTING_MODEL_SEQUENCES";

    /// <summary>By how much fewer sequences are tried: a store in another process takes its time.</summary>
    protected virtual int Slowness => 1;

    protected abstract RunStoreUnderTest CreateStore(RunStoreOptions options);

    [Fact]
    public async Task Commands_RandomSequences_AreAnsweredAsTheModelSaysAndKeepTheInvariants()
    {
        var sequences = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } set ? long.Parse(set, CultureInfo.InvariantCulture) : Everyday;
        sequences = Math.Max(1, sequences / Slowness);
        long commands = 0;
        await RunStoreGenerator.Sequences.SampleAsync(
            async sequence =>
            {
                var options = RunStoreDriver.Options(sequence);
                var driver = new RunStoreDriver(CreateStore(options), options);
                await driver.RunAsync(sequence);
                Interlocked.Add(ref commands, driver.Count);
            },
            iter: sequences);
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{sequences:N0} sequences, {commands:N0} commands"));
    }
}
