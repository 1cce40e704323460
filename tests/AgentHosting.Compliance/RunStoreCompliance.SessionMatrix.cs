using AgentHosting.Runs;

namespace AgentHosting.Compliance;

/// <content>Each policy against each state of the run that the session is busy with.</content>
public abstract partial class RunStoreCompliance
{
    private const int MatrixSeeds = 4;

    public static TheoryData<string, string> MatrixCells()
    {
        var cells = new TheoryData<string, string>();
        foreach (var policy in SessionMatrix.Policies)
        {
            foreach (var head in SessionMatrix.Heads)
            {
                cells.Add(policy, head);
            }
        }

        return cells;
    }

    [Theory]
    [MemberData(nameof(MatrixCells))]
    public async Task SessionMatrix_TwentyMessagesAtOnce_KeepTheirOrderAndOneTurnEach(string policy, string head)
    {
        for (var i = 0; i < MatrixSeeds; i++)
        {
            // The first seeds are the same in every run, so that each cell sees a head with effects and one without.
            var seed = i < MatrixSeeds - 1 ? i : Environment.TickCount;
            var matrix = new SessionMatrix(await CreateStoreAsync(), seed, policy, head, Unit, AdvanceAsync, Token);
            try
            {
                await matrix.RunAsync();
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"Seed {seed}, policy {policy}, first run {head}. {matrix.Describe()}", exception);
            }
        }
    }
}
