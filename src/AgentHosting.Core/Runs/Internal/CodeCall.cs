namespace AgentHosting.Runs.Internal;

/// <summary>A call of code through its context: begun, and from some time on handed over.</summary>
internal abstract class CodeCall
{
    /// <summary>The key of its step.</summary>
    public string Key { get; private set; } = "";

    /// <summary>Its number in the scope.</summary>
    public int Number { get; private set; }

    /// <summary>The turn that it was begun in; 0 where it was none.</summary>
    public int Turn { get; private set; }

    /// <summary>Ends when it is handed over.</summary>
    public abstract Task Task { get; }

    public void Begin(string prefix, int number, int turn)
    {
        Key = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{prefix}s{number}");
        (Number, Turn) = (number, turn);
    }

    /// <summary>Gives the code what the call came to. What the code does with it, up to its next <c>await</c>, is done before this returns.</summary>
    public abstract void HandOver();
}
