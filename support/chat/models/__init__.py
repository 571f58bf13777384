from support.chat.models.conversations import Conversation
from support.chat.models.messages import Message, MessageFile
from support.chat.models.saved import SavedAnswer

__all__ = ["Conversation", "Message", "MessageFile", "SavedAnswer"]
