using System.Globalization;

namespace AgentHosting.Compliance.Model;

/// <summary>A command as a generator makes and shrinks it: small numbers, which the driver reads against what there is by then.</summary>
/// <param name="Kind">What is done.</param>
/// <param name="Target">To which run or with which lease.</param>
/// <param name="A">A choice.</param>
/// <param name="B">Another choice.</param>
/// <param name="C">A third choice.</param>
internal readonly record struct RunStoreCommand(RunStoreCommandKind Kind, int Target, int A, int B, int C)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Kind}({Target}, {A}, {B}, {C})");
}
