namespace AgentHosting.Compliance;

public abstract partial class RunStoreCompliance
{
    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    [InlineData(300)]
    [InlineData(4000)]
    public async Task Store_UnderManyCallersThatFailAbandonDrainAndCancel_KeepsEveryRule(int seed)
    {
        var store = await CreateStoreAsync(new AgentHosting.Runs.RunStoreOptions { Retention = TimeSpan.FromDays(30) });
        var scenario = new RunStoreStress(store, seed, Unit, AdvanceAsync, Token);
        try
        {
            await scenario.RunAsync();
        }
        catch (Exception exception) when (!Token.IsCancellationRequested)
        {
            var cause = scenario.Failure ?? exception;
            throw new Xunit.Sdk.XunitException($"Seed {Text(seed)}: {cause.Message}", cause);
        }
    }
}
