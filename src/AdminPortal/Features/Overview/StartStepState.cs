namespace AdminPortal.Features.Overview;

/// <summary>Where a step of getting started stands.</summary>
public enum StartStepState
{
    Done,
    Next,
    Later,
}
