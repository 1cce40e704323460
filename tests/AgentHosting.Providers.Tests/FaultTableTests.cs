namespace AgentHosting.Providers.Tests;

public sealed class FaultTableTests
{
    [Fact]
    public void Rows_AreTheFaults() => Assert.Equal(Faults.All.Select(static fault => fault.Name), FaultTable.FaultNames);
}
