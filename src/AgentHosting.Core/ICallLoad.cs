namespace AgentHosting;

/// <summary>What a call means to the model it goes to, as a stage above sees it.</summary>
internal interface ICallLoad
{
    /// <summary>Tells whether the call waits for an identical one that is under way, so that the model has nothing to do for it.</summary>
    void IsShared(bool isShared);
}
